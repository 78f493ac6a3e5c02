/** The folded map of the state graph: counts, the run that is looked at lit, and a way to every node. */

import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { statesOf } from '../../../search/run.js'
import type { System } from '../../../write/system.js'
import { count } from '../../text.js'
import { commandLine, wordsFor, type Named } from '../../trace.js'
import { currentOf } from '../branches.js'
import { keyIn, layersOf, type FoldedMap } from '../folded.js'
import { scalarFields } from '../question.js'
import type { Bounds } from '../shortest.js'
import { namedOn } from '../variants.js'
import { ask, giveUp } from './asking.js'
import { Command } from './command.js'
import { Drawing } from './drawing.js'
import type { View } from './view.js'
import { planNumber, type Told } from './worker.js'

/** How far the map is explored; asked again, tenfold as far. */
const boundsOf = (further: number): Bounds => ({ states: 30_000 * 10 ** further, seconds: 20 * 10 ** further })

/** The most nodes that can be looked at. */
const most = 60

const sizeOf = (states: number): string => (states === 1 ? '1 state' : `${count(states)} states`)

/** Edges that control flow has and no state takes: of a map by one thread's places. */
function neverTaken(
  view: View,
  map: FoldedMap,
): readonly { readonly from: number; readonly to: number; readonly step: string }[] {
  const [field, ...others] = map.by
  if (others.length > 0 || !field?.startsWith('at ') || map.cut) return []
  const thread = view.run.system.threads.findIndex(({ name }) => `at ${name}` === field)
  const { labels } = view.run.system.threads[thread]!
  const node = (label: number): number => map.nodes.findIndex(({ key }) => key === labels[label])
  return view.run.system.transitions
    .filter((one) => one.thread === thread && one.from !== one.to)
    .map(({ from, to, step }) => ({ from: node(from), to: node(to), step }))
    .filter(
      ({ from, to, step }) =>
        from >= 0 &&
        to >= 0 &&
        !map.edges.some((edge) => edge.from === from && edge.to === to && edge.names.includes(step)),
    )
}

function Drawn({ view, map }: { view: View; map: FoldedMap }): JSX.Element {
  if (map.nodes.length > most)
    return <p class="bad">{`${count(map.nodes.length)} nodes are too many to look at; fold by fewer fields.`}</p>
  const keys = statesOf(view.here).map((here) => keyIn(here, map.by))
  const lit = new Set(keys)
  const isLit = (from: number, to: number): boolean =>
    keys.some((key, i) => i > 0 && keys[i - 1] === map.nodes[from]!.key && key === map.nodes[to]!.key)
  const boxes = map.nodes.map(({ key, states, depth, names, initial }) => ({
    lines: [key || 'everything', sizeOf(states)],
    style: [lit.has(key) ? 'lit' : '', keys.at(-1) === key ? 'now' : ''].join(' '),
    says: `${key || 'everything'} ${sizeOf(states)}, ${depth} steps from the start: show a shortest run to it`,
    choose: () => view.act.open({ initial, names }, names.length),
  }))
  const never = neverTaken(view, map)
  const arrows = [
    ...map.edges.map(({ from, to, steps, names }) => ({
      from,
      to,
      style: isLit(from, to) ? 'lit' : '',
      says: `${count(steps)} steps: ${names.slice(0, 6).join(', ')}${names.length > 6 ? ' …' : ''}`,
    })),
    ...never
      .filter(({ from, to }) => !map.edges.some((edge) => edge.from === from && edge.to === to))
      .map(({ from, to, step }) => ({ from, to, style: 'never', says: `${step} is never taken` })),
  ]
  return (
    <>
      <Drawing label="Map of the states" boxes={boxes} spots={layersOf(map)} arrows={arrows} />
      {never.length > 0 && (
        <p class="soft">{`Never taken, dashed where nothing else leads there: ${[...new Set(never.map(({ step }) => step))].join(', ')}.`}</p>
      )}
    </>
  )
}

/** Where the thread with the most labels stands: mostly the one that the protocol is about. */
function longest({ threads }: System): string | undefined {
  const first = threads.toSorted((a, b) => b.labels.length - a.labels.length)[0]
  return first && `at ${first.name}`
}

/** The command that writes the same map, of as many states as there are. */
const graphCommand = (named: Named, by: readonly string[]): string =>
  commandLine(['graph', ...wordsFor(named), ...(by.length > 0 ? ['--by', by.join(',')] : [])])

/** The panel. */
export function MapPanel({ view }: { view: View }): JSX.Element {
  const { ready, branches, variants, run } = view
  const threads = run.system.threads.map(({ name }) => `at ${name}`)
  const fields = [...threads, ...scalarFields(run.system.shape).map(({ field }) => field)]
  const [by, setBy] = useState<readonly string[]>([longest(run.system) ?? fields[0]!])
  const [further, setFurther] = useState(0)
  const [told, setTold] = useState<Told | null>(null)
  const plan = planNumber(ready, currentOf(branches).plan)
  const known = by.filter((field) => fields.includes(field))
  useEffect(() => {
    setTold({ kind: 'progress', states: 0 })
    const schedule = { initial: 0, names: [] }
    const of = { kind: 'map', by: known } as const
    const bounds = boundsOf(further)
    ask({ subject: variants.subject, variant: ready.variant.id, plan, schedule, bounds, of }, setTold)
    return giveUp
  }, [ready, plan, known.join('\n'), further])
  return (
    <>
      <h2>Map of the states</h2>
      <div class="tools">
        {known.map((field) => (
          <button
            type="button"
            class="small"
            aria-label={`Do not fold by ${field}`}
            onClick={() => setBy(by.filter((one) => one !== field))}
          >
            {field} ✕
          </button>
        ))}
        <label>
          Fold by
          <select id="fold" value="" onChange={(event) => setBy([...by, event.currentTarget.value])}>
            <option value="">add a field …</option>
            {fields
              .filter((field) => !known.includes(field))
              .map((field) => (
                <option value={field}>{field}</option>
              ))}
          </select>
        </label>
      </div>
      {told?.kind === 'progress' && <p role="status">{`${count(told.states)} states …`}</p>}
      {told?.kind === 'wrong' && (
        <p role="status" class="bad">
          {told.says}
        </p>
      )}
      {told?.kind === 'map' && (
        <>
          <p role="status" class={told.map.cut ? 'bad' : 'soft'} id="map-size">
            {told.map.cut
              ? `Cut at ${count(told.map.states)} states by the limit of ${told.map.cut}: what is missing here may be there.`
              : `All ${count(told.map.states)} states.`}{' '}
            A node shows a shortest run to it.
            {told.map.cut && (
              <>
                {' '}
                <button type="button" class="small" id="map-further" onClick={() => setFurther(further + 1)}>
                  Look ten times as far
                </button>{' '}
                All of it: <Command text={graphCommand(namedOn(variants.subject, ready.variant), known)} />
              </>
            )}
          </p>
          <Drawn view={view} map={told.map} />
        </>
      )}
    </>
  )
}
