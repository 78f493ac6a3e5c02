/** Everything that keys do, and the list of them. */

import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** What keys can do. */
export interface Keyed {
  readonly next: () => void
  readonly previous: () => void
  readonly first: () => void
  readonly last: () => void
  readonly take: (number: number) => void
  readonly undo: () => void
  readonly redo: () => void
  readonly shorten: () => void
  readonly fork: () => void
  readonly earlier: () => unknown
  readonly later: () => unknown
  readonly pin: () => void
  readonly panel: (by: number) => void
  readonly help: () => void
}

const list: readonly (readonly [keys: string, says: string])[] = [
  ['↓ j · ↑ k', 'forward and back along the run'],
  ['Home · End', 'to the start, to the end'],
  ['1 … 9', 'take that step of those that are possible'],
  ['u · r', 'undo, redo'],
  ['x', 'cut what follows, or else the last step'],
  ['f', 'fork: go on in a run of its own'],
  ['Alt ↑ · Alt ↓', 'take the shown step earlier, later'],
  ['p', 'put this state aside, to compare'],
  ['[ · ]', 'the panel before, the next one'],
  ['?', 'this list'],
]

/** What listens to keys; where somebody writes or chooses, keys are left to that. */
export const keyed =
  (does: Keyed) =>
  (event: KeyboardEvent): void => {
    const { key, altKey, ctrlKey, metaKey, target } = event
    if (ctrlKey || metaKey) return
    if (target instanceof Element && target.closest('select, textarea, input, dialog, .grip, .drawing')) return
    const act = altKey ? withAlt(does, key) : plain(does, key)
    if (!act) return
    event.preventDefault()
    act()
  }

const withAlt = (does: Keyed, key: string): (() => unknown) | undefined =>
  key === 'ArrowUp' ? does.earlier : key === 'ArrowDown' ? does.later : undefined

function plain(does: Keyed, key: string): (() => void) | undefined {
  if (/^[1-9]$/.test(key)) return () => does.take(Number(key))
  const acts: Readonly<Record<string, () => void>> = {
    ArrowDown: does.next,
    j: does.next,
    ArrowUp: does.previous,
    k: does.previous,
    Home: does.first,
    End: does.last,
    u: does.undo,
    r: does.redo,
    x: does.shorten,
    f: does.fork,
    p: does.pin,
    '[': () => does.panel(-1),
    ']': () => does.panel(1),
    '?': does.help,
  }
  return Object.hasOwn(acts, key) ? acts[key] : undefined
}

/** The list of keys, until it is closed. */
export function Help({ close }: { close: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} onClose={close} aria-label="Keys">
      <dl>
        {list.map(([keys, says]) => (
          <>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{says}</dd>
          </>
        ))}
      </dl>
      <p class="soft">Steps can be dragged by their handles. A node of the map shows a shortest run to it.</p>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  )
}
