/** What every property says at each step, what is owed, and what fairness has whom owe. */

import type { JSX } from 'preact'
import type { Debt } from '../debts.js'
import type { Seen, Truth, TruthLine } from '../truth.js'
import { Table } from './table.js'
import type { View } from './view.js'

const signs: Readonly<Record<Truth, string>> = {
  holds: '✓ holds',
  idle: '– says nothing',
  owed: '… owed',
  broken: '✗ broken',
}
const styles: Readonly<Record<Truth, string>> = { holds: 'good', idle: 'soft', owed: 'owed-text', broken: 'bad' }

const seenText = ({ truth, since, says }: Seen): string =>
  [
    signs[truth],
    since === undefined ? '' : since === 0 ? ' from the start' : ` since step ${since}`,
    says ? ` (${says})` : '',
  ].join('')

/** Stretches of the same truth. */
function stretches(
  seen: readonly Seen[],
): readonly { readonly truth: Truth; readonly from: number; readonly length: number }[] {
  const found: { truth: Truth; from: number; length: number }[] = []
  seen.forEach(({ truth }, i) => {
    const last = found.at(-1)
    if (last?.truth === truth) last.length++
    else found.push({ truth, from: i, length: 1 })
  })
  return found
}

const stripText = (seen: readonly Seen[]): string =>
  stretches(seen)
    .map(({ truth, from }) => `${signs[truth].slice(2)} from step ${from}`)
    .join(', ')

function Line({ line, step, goTo }: { line: TruthLine; step: number; goTo: (step: number) => void }): JSX.Element {
  const here = line.seen[step] ?? line.seen.at(-1)!
  const first = line.seen.findIndex(({ truth }) => truth === 'broken')
  return (
    <tr data-property={line.name} data-truth={here.truth}>
      <th scope="row">
        <code>{line.name}</code>
        <div class="soft">{line.says}</div>
      </th>
      <td class={styles[here.truth]}>
        {seenText(here)}
        {first >= 0 && (
          <div>
            <button type="button" class="small" onClick={() => goTo(first)}>
              {first === 0 ? 'broken at the start' : `broken by step ${first}`}
            </button>
          </div>
        )}
      </td>
      <td>
        <div class="strip" role="img" aria-label={stripText(line.seen)} title={stripText(line.seen)}>
          {stretches(line.seen).map(({ truth, length }) => (
            <span class={truth} style={`--steps: ${length}`} />
          ))}
        </div>
      </td>
    </tr>
  )
}

/** The panel. */
export function Truths({
  view,
  lines,
  debts,
}: {
  view: View
  lines: readonly TruthLine[]
  debts: readonly (readonly Debt[])[]
}): JSX.Element {
  const step = view.here.steps.length
  const rank: Readonly<Record<Truth, number>> = { broken: 0, owed: 1, holds: 2, idle: 3 }
  const sorted = lines.toSorted((a, b) => rank[a.seen[step]!.truth] - rank[b.seen[step]!.truth])
  const owing = debts[step] ?? []
  return (
    <>
      <h2>Properties {step === 0 ? 'at the start' : `after step ${step}`}</h2>
      <Table label="Properties" style="truths" heads={['Property', 'Here', 'Over the run']}>
        {sorted.map((line) => (
          <Line key={line.name} line={line} step={step} goTo={view.act.goTo} />
        ))}
      </Table>
      <h2>Fairness</h2>
      {owing.length === 0 ? (
        <p class="soft">Nobody who is promised to go on could: a run may end here.</p>
      ) : (
        <ul aria-label="Fairness debts">
          {owing.map(({ name, fair, since }) => (
            <li>
              <code>{name}</code> ({fair}) could act{' '}
              {since === step ? 'from here on' : `for ${step - since} steps, since step ${since}`} and has not: a run
              may not end here.
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
