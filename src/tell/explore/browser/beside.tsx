/** Another variant in lock step: the same steps as far as it can follow, and the first difference marked. */

import type { JSX } from 'preact'
import { shown } from '../../text.js'
import { lockstep, type Lockstep, type Row } from '../lockstep.js'
import { reasonText } from './reason.js'
import { Table } from './table.js'
import type { View } from './view.js'

function thereText(row: Row): string {
  switch (row.kind) {
    case 'both':
    case 'start':
    case 'only there':
      return row.name
    case 'instead':
      return row.instead
    case 'only here':
      return 'has no such step'
    case 'cannot':
      return `cannot: ${reasonText(row.reason)}`
  }
}

function Fields({ row }: { row: Row }): JSX.Element | null {
  if (row.fields.length === 0) return null
  return (
    <ul>
      {row.fields.slice(0, 8).map(({ field, here, there }) => (
        <li>
          <code>{field}</code>: {shown(here)} here, {shown(there)} there
        </li>
      ))}
      {row.fields.length > 8 && <li>{`and ${row.fields.length - 8} more`}</li>}
    </ul>
  )
}

function Rows({ view, found }: { view: View; found: Lockstep }): JSX.Element {
  const { variants, ready, beside } = view
  const { rows, first, firstState } = found
  const other = variants.named(beside)
  return (
    <>
      <p role="status" id="difference" class={first === null ? 'good' : 'bad'}>
        {first === null
          ? `${other.id} takes the same steps.`
          : `First difference in row ${first}: ${rows[first]!.name}; ${other.id}: ${thereText(rows[first]!)}.`}
      </p>
      <p class="soft" id="state-difference">
        {firstState === null
          ? 'The states are the same throughout.'
          : `The states differ ${firstState === 0 ? 'from the start' : `from row ${firstState} on`}.`}
      </p>
      <Table label="Two variants" style="beside" heads={['Row', ready.variant.id, other.id]}>
        {rows.map((row, i) => (
          <tr class={first === i ? 'first-difference' : undefined} data-kind={row.kind}>
            <td class="soft row-number">{i}</td>
            <td class="mono">{row.kind === 'only there' ? 'has no such step' : row.name}</td>
            <td class="mono">
              {thereText(row)}
              {(first === i || firstState === i) && <Fields row={row} />}
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

/** What the other variant does; a patch that does not go with those that are there has nothing to do. */
function found({ variants, beside, here }: View): Lockstep | string {
  try {
    return lockstep(here, variants.ready(beside).system)
  } catch (error) {
    if ((error as Error).name !== 'Mistake') throw error
    return (error as Error).message
  }
}

/** The panel. */
export function Beside({ view }: { view: View }): JSX.Element {
  const { variants, ready, beside, act } = view
  const other = variants.named(beside)
  const result = found(view)
  return (
    <>
      <h2>In lock step</h2>
      <div class="tools">
        <label>
          Beside
          <select id="beside" value={other.id} onChange={({ currentTarget }) => act.setBeside(currentTarget.value)}>
            <optgroup label="variants">
              {variants.subject.variants.map(({ id }) => (
                <option value={id}>{id}</option>
              ))}
            </optgroup>
            <optgroup label="this one with a patch more or less">
              {variants.toggled(ready.variant).map((id) => (
                <option value={id}>{id}</option>
              ))}
            </optgroup>
          </select>
        </label>
        <button type="button" id="go-beside" disabled={typeof result === 'string'} onClick={() => act.choose(other.id)}>
          Go on in that one
        </button>
      </div>
      <p class="soft">{other.says}</p>
      {typeof result === 'string' ? <p class="bad">{result}</p> : <Rows view={view} found={result} />}
    </>
  )
}
