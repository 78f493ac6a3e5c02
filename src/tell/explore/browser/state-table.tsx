/** The state as a table with what changed, or two states side by side. */

import type { JSX } from 'preact'
import type { SystemState } from '../../../search/reference.js'
import { endOf } from '../../../search/run.js'
import { derivedIn, drawnIn, isSvg } from '../../picture.js'
import { fieldsOf } from '../../states.js'
import { shown } from '../../text.js'
import { Table } from './table.js'
import type { View } from './view.js'

/** Fields and places of a state, in order. */
export const cellsOf = ({ state, at }: SystemState): readonly (readonly [field: string, value: string])[] => [
  ...Object.entries(at).map(([thread, label]) => [`at ${thread}`, label] as const),
  ...fieldsOf(state).map(([field, value]) => [field, shown(value)] as const),
]

/** The drawing of a state: text as it is, SVG as an image, which runs nothing. */
function Drawn({ view }: { view: View }): JSX.Element | null {
  const { variants, here } = view
  const drawn = drawnIn(variants.code.picture, here.system, endOf(here))
  if (drawn === undefined) return null
  const isImage = isSvg(drawn)
  return (
    <div class="wide" tabindex={0} role="region" aria-label="Drawing of the state" id="drawn">
      {isImage ? (
        <img src={`data:image/svg+xml,${encodeURIComponent(drawn)}`} alt="the state, drawn" />
      ) : (
        <pre class="mono">{drawn}</pre>
      )}
    </div>
  )
}

/** The panel. */
export function StateTable({ view }: { view: View }): JSX.Element {
  const { here, pinned, act } = view
  const cells = (one: SystemState): ReturnType<typeof cellsOf> => [
    ...Object.entries(derivedIn(view.variants.code.picture, here.system, one)).map(
      ([name, value]) => [name, shown(value)] as const,
    ),
    ...cellsOf(one),
  ]
  const now = endOf(here)
  const before = new Map(cells(here.steps.at(-2)?.after ?? here.start))
  const other = pinned && new Map(cells(pinned.state))
  return (
    <>
      <div class="tools">
        <button type="button" id="pin" onClick={act.pin}>
          {pinned ? 'Put the other state away' : 'Put this state aside to compare'} <kbd>p</kbd>
        </button>
      </div>
      <Drawn view={view} />
      <Table
        label="State"
        id="state"
        heads={[
          'Field',
          ...(pinned ? [pinned.says] : []),
          here.steps.length === 0 ? 'at the start' : `after step ${here.steps.length}`,
        ]}
      >
        {cells(now).map(([field, value]) => {
          const was = before.get(field)
          const isFresh = here.steps.length > 0 && was !== value
          const beside = other?.get(field)
          return (
            <tr
              class={(other ? beside !== value : isFresh) ? (other ? 'differs' : 'fresh') : undefined}
              data-field={field}
            >
              <th scope="row" class="mono">
                {field}
              </th>
              {other && <td class="mono">{beside ?? '–'}</td>}
              <td class="mono">
                {isFresh && !other && was !== undefined && (
                  <>
                    <s class="soft">{was}</s>{' '}
                  </>
                )}
                {value}
              </td>
            </tr>
          )
        })}
      </Table>
    </>
  )
}
