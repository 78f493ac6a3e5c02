/** A table with a heading for each column, in a region of its own that can be scrolled. */

import type { ComponentChildren, JSX } from 'preact'

/** The table; its rows are the children. */
export const Table = ({
  label,
  heads,
  style,
  id,
  children,
}: {
  label: string
  heads: readonly string[]
  style?: string
  id?: string
  children: ComponentChildren
}): JSX.Element => (
  <div class="wide" tabindex={0} role="region" aria-label={label}>
    <table class={style}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th scope="col">{head}</th>
          ))}
        </tr>
      </thead>
      <tbody id={id}>{children}</tbody>
    </table>
  </div>
)
