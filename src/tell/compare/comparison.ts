/** Two variants of a protocol compared, as plain data: what changes, by which edits, and which behaviours come and go. */

import { check, propertiesFor, type Outcome, type Verdict } from '../../search/check.js'
import { explore, type SearchOptions } from '../../search/explore.js'
import { inevitabilities } from '../../ask/inevitability.js'
import { toldRun } from '../../ask/fewest-switches.js'
import type { Graph } from '../../search/graph.js'
import { included } from '../../ask/inclusion.js'
import { differenceOf, type Difference } from '../../write/difference.js'
import type { Property } from '../../write/property.js'
import type { System } from '../../write/system.js'
import type { Protocol } from '../protocol.js'
import { fieldsOf } from '../states.js'
import { traceOf, type FieldChange, type Trace } from '../trace.js'

/** What becomes of a property; `makes vacuous` if its premise happens no more; `asks of one` if only one of the variants has it, so that nothing can be said of the other. */
export type Change = 'fixes' | 'breaks' | 'makes vacuous' | 'leaves open' | 'asks of one' | 'keeps'

/** One property under both variants. */
export interface PropertyChange {
  readonly property: string
  readonly says: string
  readonly change: Change
  readonly was: Side
  readonly is: Side
  /** The shortest run that the change is about: it broke the property before, or breaks it now; null if neither has one. */
  readonly trace: Trace | null
}

/** What was found about a property under one variant. */
export interface Side {
  readonly verdict: Verdict['verdict'] | 'not asked'
  readonly steps: number | null
}

/** Behaviours that one variant has and the other lacks: a shortest one, none, or why that is not known. */
export type Behaviours =
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly trace: Trace }
  | { readonly kind: 'unknown'; readonly says: string }

/** One variant as it was asked for. */
export interface Variant {
  readonly name: string
  readonly parameters: System['parameters']
  readonly patches: readonly { readonly name: string; readonly says: string; readonly reference: string | null }[]
  readonly states: number
  readonly transitions: number
  readonly complete: boolean
  /** Which limit ended its search, and how far it had come; null if none did. */
  readonly cut: string | null
}

/** All that is told of two variants. */
export interface Comparison {
  readonly protocol: string
  readonly question: string
  readonly a: Variant
  readonly b: Variant
  readonly changes: readonly PropertyChange[]
  readonly edits: Difference
  /** Where the first initial state of the second differs. */
  readonly initially: readonly FieldChange[]
  readonly adds: Behaviours
  readonly removes: Behaviours
}

/** A variant: what it was called, the instance that it is, if it is one, and its system. */
export interface Asked {
  readonly name: string
  readonly instance: string | null
  readonly system: System
}

/** How a verdict reads: `violated in 12`. */
export const sideText = ({ verdict, steps }: Side): string => (steps === null ? verdict : `${verdict} in ${steps}`)

/** The changes of one kind. */
export const changing = ({ changes }: Comparison, change: Change): readonly PropertyChange[] =>
  changes.filter((one) => one.change === change)

/** `fixes 7 properties, breaks none, leaves none open, keeps 21` */
export function summaryOf(comparison: Comparison): string {
  const number = (change: Change): string => String(changing(comparison, change).length || 'none')
  const [fixes, one] = [changing(comparison, 'fixes').length, changing(comparison, 'asks of one').length]
  const vacuous = changing(comparison, 'makes vacuous').length
  return `fixes ${fixes === 1 ? '1 property' : `${fixes || 'no'} properties`}, breaks ${number('breaks')},${vacuous === 0 ? '' : ` makes ${vacuous} vacuous,`} leaves ${number('leaves open')} open, keeps ${number('keeps')}${one === 0 ? '' : `, of ${one} says nothing: only one of the variants has ${one === 1 ? 'it' : 'them'}`}`
}

/** Compares two variants: two checks, two searches for their behaviours, and one each for when a violation was inevitable. */
export async function compare(
  protocol: Protocol,
  [a, b]: readonly [Asked, Asked],
  options: SearchOptions = {},
): Promise<Comparison> {
  const before = await check(a.system, protocol.properties, options)
  const after = await check(b.system, protocol.properties, options)
  const traces = [await tracesOf(a, before, protocol, options), await tracesOf(b, after, protocol, options)] as const
  return {
    protocol: protocol.name,
    question: protocol.model.declared.question,
    a: variant(a, before),
    b: variant(b, after),
    changes: namesIn(before, after).map((property) => {
      const [was, now] = [before, after].map(({ verdicts }) => verdicts.find((one) => one.property === property))
      const trace = traces[1].get(property) ?? traces[0].get(property) ?? null
      const { says } = (now ?? was)!
      return { property, says, change: changeOf(was, now), was: sideOf(was), is: sideOf(now), trace }
    }),
    edits: differenceOf(a.system, b.system),
    initially: initially(a.system, b.system),
    ...(await behaviours(a, b, options)),
  }
}

const variant = ({ name, system }: Asked, { states, transitions, complete, cut }: Outcome): Variant => ({
  name,
  parameters: system.parameters,
  patches: system.patches.map((patch) => {
    const { says, reference = null } = system.model.declared.patches!.find((one) => one.name === patch)!
    return { name: patch, says, reference }
  }),
  states,
  transitions,
  complete,
  cut: cut?.says ?? null,
})

/** The properties of both in the order of the second, then those that only the first has. */
const namesIn = (before: Outcome, after: Outcome): readonly string[] => [
  ...new Set([after, before].flatMap(({ verdicts }) => verdicts.map(({ property }) => property))),
]

/** A property that only one of them has was never judged under the other. */
export const sideOf = (verdict: Verdict | undefined): Side => ({
  verdict: verdict?.verdict ?? 'not asked',
  steps: verdict?.run?.steps.length ?? null,
})

/**
 * A property that lost its premise is neither fixed nor kept: what it asks never happens any more. Of what was not decided on one side,
 * by a limit or a fault, nothing is said to have changed.
 */
export function changeOf(before: Verdict | undefined, now: Verdict | undefined): Change {
  if (!before || !now) return 'asks of one'
  const [was, is] = [before.verdict, now.verdict]
  if (was === 'unknown' || is === 'unknown') return 'leaves open'
  if (is === 'violated') return was === 'violated' ? 'leaves open' : 'breaks'
  if (is === 'vacuous' && was !== 'vacuous') return 'makes vacuous'
  if (was === 'violated') return 'fixes'
  return is === was || is === 'holds' ? 'keeps' : 'leaves open'
}

async function tracesOf(
  { instance, system }: Asked,
  { verdicts }: Outcome,
  { properties }: Protocol,
  options: SearchOptions,
): Promise<ReadonlyMap<string, Trace>> {
  const all: readonly Property[] = propertiesFor(system, properties)
  const told = verdicts.flatMap((verdict) => {
    const run = toldRun(verdict)
    return run && verdict.verdict === 'violated'
      ? [{ verdict, run, property: all.find((one) => one.name === verdict.property) }]
      : []
  })
  const doomed = await inevitabilities(system, told, options)
  return new Map(
    told.map((one, i) => [one.verdict.property, traceOf({ instance, ...one, doomed: doomed[i]! })] as const),
  )
}

function initially({ initials: [a] }: System, { initials: [b] }: System): readonly FieldChange[] {
  const before = new Map(fieldsOf(a))
  return fieldsOf(b).flatMap(([field, after]) => {
    const was = before.get(field)
    return JSON.stringify(was) === JSON.stringify(after) ? [] : [{ field, before: was, after }]
  })
}

/** What the second variant can do that the first cannot, and the other way round, judged on the complete graphs. */
async function behaviours(a: Asked, b: Asked, options: SearchOptions): Promise<Pick<Comparison, 'adds' | 'removes'>> {
  const nothing = { states: [], steps: [], collects: [] }
  const before = await explore(a.system, nothing, { ...options, keepEdges: true })
  const after = await explore(b.system, nothing, { ...options, keepEdges: true })
  if (before.cut || after.cut) {
    const unknown = { kind: 'unknown', says: 'a search was not complete' } as const
    return { adds: unknown, removes: unknown }
  }
  return { adds: more(b, after, a, before), removes: more(a, before, b, after) }
}

function more(of: Asked, from: Graph, other: Asked, against: Graph): Behaviours {
  const found = included(from, against)
  if (found.kind === 'unknown') return found
  if (found.kind === 'included') return { kind: 'none' }
  const says = `${other.name} cannot do the last of these steps, whatever it did before.`
  const verdict = { property: 'behaviour', says, verdict: 'holds' } as const
  return { kind: 'some', trace: traceOf({ instance: of.instance, verdict, run: found.run }) }
}
