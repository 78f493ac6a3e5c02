/** A log held against one system: the run that prints it, or the line that cannot be; what is certain, what is open. */

import type { Cut } from '../../search/graph.js'
import type { Run } from '../../search/run.js'
import type { Model } from '../../write/model.js'
import type { System, Transition } from '../../write/system.js'
import { accountOf, occurs, type Account } from './account.js'
import { explain, pathTo, type Explanation } from './explain.js'
import { lastNodes, runOf, type Rested, type Told } from './explained-run.js'
import { judgeAll, type Judged } from './judge.js'
import { observing, type Observing } from './observing.js'
import type { Log, LogLine } from './read.js'
import { Ear, printedBy, printsByState, type Heard, type Rules } from './rules.js'
import { searched, spaceOf, type LogOptions, type Searched } from './searched.js'

/** Why a line cannot come: for each step that prints it, how near the explanation before it came to that step. */
export interface Missing {
  /** The step that would print the line. */
  readonly transition: Transition
  /** Where its thread stands instead, if nowhere near the step; null: it stands there, and a guard is false. */
  readonly stands: string | null
  /** The run after which that is so. */
  readonly run: Run
}

/** What came of it. `silent`: nothing in the log is heard, so that nothing can be said. */
export interface LogOutcome {
  /** Whether some run prints the log. */
  readonly verdict: 'accepted' | 'rejected' | 'unknown' | 'silent'
  /** What it was held against. */
  readonly system: System
  /** The lines that steps or rules know. */
  readonly heard: readonly Heard[]
  /** Messages of that boot that nobody knows. */
  readonly passedOver: number
  /** Which boot of the log was taken, from 0. */
  readonly boot: number
  /** How many heard lines are printed. */
  readonly matched: number
  /** The shortest run that prints all; of a rejected log, the longest part. The first `before` steps lead to where the log begins. */
  readonly run?: Run
  /** Steps of the run before the log begins. */
  readonly before: number
  /** For each step of the run, what it printed. */
  readonly told: readonly Told[]
  /** Lines printed with no step: they show where a thread stands, or repeat another; by number of steps before them. */
  readonly rested: readonly Rested[]
  /** States of the system. */
  readonly states: number
  /** After each heard line, how many states are left. */
  readonly widths: readonly number[]
  /** Steps on every explanation, and those on some only; undefined where that was too much to tell. */
  readonly certain?: readonly string[]
  /** Steps on some explanations only. */
  readonly possible?: readonly string[]
  /** Where each thread can stand when the last line has been printed. */
  readonly stands: readonly { readonly thread: string; readonly labels: readonly string[] }[]
  /** Who can go on then, whatever the explanation; and who in some. */
  readonly next: { readonly always: readonly string[]; readonly sometimes: readonly string[] }
  /** Of a rejected log: the first line that cannot come, what would have to be so for it, and what began to print it. */
  readonly rejected?: {
    readonly line: LogLine
    /** No step of this system prints it, whatever the state. */
    readonly strange: boolean
    readonly missing: readonly Missing[]
    /** The step that printed what comes right before, and would print something else here; absent if none began. */
    readonly broken?: { readonly transition: Transition; readonly says: readonly string[] }
    /** What could have been printed instead. */
    readonly instead: readonly string[]
  }
  /** What each property comes to on the runs that print the log, if properties were given. */
  readonly judged: readonly Judged[]
  /** The limit that left the graph incomplete: then nothing is rejected for good. */
  readonly cut?: Cut
}

/** Arcs beyond which it is not worked out what all explanations share. */
const mostArcs = 5_000_000

/** The ear of a protocol, for a graph of it: what steps print by state is found there. */
export function earFor(rules: Rules, model: Model, { system, graph, edges }: Searched): Ear {
  const printed = new Set<string>()
  const asked = system.transitions.map(printsByState)
  for (let source = 0; source + 1 < edges.first.length; source++)
    for (let edge = edges.first[source]!; edge < edges.first[source + 1]!; edge++) {
      const transition = system.transitions[edges.by[edge]!]!
      if (!asked[transition.index]) continue
      for (const text of printedBy(transition, graph.expander.stateOf(source).state)) printed.add(text)
    }
  return new Ear(rules, model, printed)
}

/** Holds a log against a system. */
export async function holdLog(
  system: System,
  model: Model,
  rules: Rules,
  log: Log,
  options: LogOptions = {},
): Promise<LogOutcome> {
  const found = await searched(system, options.search)
  const ear = earFor(rules, model, found)
  const { heard, boot, passedOver } = heardIn(ear, log, options)
  return outcomeOf(found, ear, heard, { ...options, boot, passedOver })
}

/** The heard lines of a log, of the boot that is meant. */
export function heardIn(
  ear: Ear,
  log: Log,
  { boot = log.boots - 1 }: Pick<LogOptions, 'boot'>,
): { readonly heard: readonly Heard[]; readonly boot: number; readonly passedOver: number } {
  const heard = ear.hear(log, boot)
  return { heard, boot, passedOver: log.lines.filter((line) => line.boot === boot).length - heard.length }
}

/** What the heard lines tell of a searched system. */
export async function outcomeOf(
  found: Searched,
  ear: Ear,
  heard: readonly Heard[],
  options: LogOptions & { readonly boot: number; readonly passedOver: number },
): Promise<LogOutcome> {
  const { system, graph, edges } = found
  const said = observing(system, { edges, expander: graph.expander }, ear, heard, options)
  const space = spaceOf(found, options.from ?? 'start')
  const explained = explain(space, said.observed, options.mostNodes)
  const silent = heard.length === 0
  const refutable = explained.verdict === 'rejected' && graph.cut === undefined
  const verdict = silent ? 'silent' : explained.verdict === 'rejected' && !refutable ? 'unknown' : explained.verdict
  const wanted = !options.brief || options.properties !== undefined
  const account =
    wanted && verdict === 'accepted' && explained.nodes.count <= mostArcs
      ? accountOf(space, said.observed, explained)
      : undefined
  const { run, before, told, rested } = runOf(found, explained, heard)
  const ends = account?.ends ?? lastNodes(explained)
  return {
    verdict,
    system,
    heard,
    passedOver: options.passedOver,
    boot: options.boot,
    matched: explained.matched,
    ...(run && { run }),
    before,
    told,
    rested,
    states: graph.states,
    widths: explained.widths,
    ...(account && sharedSteps(found, account, run, before)),
    ...standing(found, explained, ends),
    ...(verdict === 'rejected' && { rejected: rejection(found, said, explained, heard) }),
    judged:
      account && options.properties
        ? await judgeAll(found, ear, heard, options, { explained, account, run: run! })
        : [],
    ...(graph.cut && { cut: graph.cut }),
  }
}

function sharedSteps(
  { system, edges }: Searched,
  account: Account,
  run: Run | undefined,
  before: number,
): Pick<LogOutcome, 'certain' | 'possible'> {
  const nameOf = (edge: number): string => system.transitions[edges.by[edge]!]!.name
  const all = new Set<string>()
  const { arcs, useful } = account
  for (let node = 0; node + 1 < arcs.first.length; node++)
    for (let arc = arcs.first[node]!; arc < arcs.first[node + 1]!; arc++)
      if (useful[node] && useful[arcs.target[arc]!] && arcs.by[arc]! >= 0) all.add(nameOf(arcs.by[arc]!))
  const taken = [...new Set(run?.steps.slice(before).map(({ transition }) => transition.name))]
  const certain = taken.filter((name) => occurs(account, { edge: (edge) => nameOf(edge) === name }) === 'always')
  return { certain, possible: [...all].filter((name) => !certain.includes(name)).sort() }
}

function standing(
  { system, graph, edges }: Searched,
  { nodes }: Explanation,
  ends: readonly number[],
): Pick<LogOutcome, 'stands' | 'next'> {
  const states = [...new Set(ends.map((node) => nodes.state(node)))]
  const labels = system.threads.map(() => new Set<string>())
  const open = new Map<string, number>()
  for (const id of states) {
    const { at } = graph.expander.stateOf(id)
    system.threads.forEach(({ name }, i) => labels[i]!.add(at[name]!))
    const here = new Set<string>()
    for (let edge = edges.first[id] ?? 0; edge < (edges.first[id + 1] ?? 0); edge++)
      here.add(system.transitions[edges.by[edge]!]!.name)
    for (const name of here) open.set(name, (open.get(name) ?? 0) + 1)
  }
  const names = [...open.keys()].sort()
  return {
    stands: system.threads.map(({ name }, i) => ({ thread: name, labels: [...labels[i]!] })),
    next: {
      always: names.filter((name) => open.get(name) === states.length),
      sometimes: names.filter((name) => open.get(name) !== states.length),
    },
  }
}

function rejection(
  found: Searched,
  said: Observing,
  explained: Explanation,
  heard: readonly Heard[],
): NonNullable<LogOutcome['rejected']> {
  const { system, graph, edges } = found
  const { nodes, rejected } = explained
  const last = lastNodes(explained)
  const standsAt = (node: number, thread: string): string => graph.expander.stateOf(nodes.state(node)).at[thread]!
  const missing = said.printers(rejected).map((transition): Missing => {
    const thread = system.threads[transition.thread]
    const label = thread?.labels[transition.from]
    const near = thread ? last.find((node) => standsAt(node, thread.name) === label) : last[0]
    const node = near ?? last[0]!
    const stands = thread && near === undefined ? standsAt(node, thread.name) : null
    return { transition, stands, run: runOf(found, { ...explained, path: pathTo(explained.nodes, node) }, heard).run! }
  })
  const instead = new Set<string>()
  for (const node of last) {
    const id = nodes.state(node)
    for (let edge = edges.first[id] ?? 0; edge < (edges.first[id + 1] ?? 0); edge++)
      for (const text of said.says(system.transitions[edges.by[edge]!]!, id)) instead.add(text)
  }
  const strange = said.strange.includes(rejected)
  const { broken } = explained
  const begun = broken && system.transitions[edges.by[broken.edge]!]!
  const source = broken && nodes.state(broken.node)
  return {
    ...(begun && source !== undefined && { broken: { transition: begun, says: said.says(begun, source) } }),
    line: heard[rejected]!.line,
    strange,
    missing,
    instead: [...instead].sort(),
  }
}
