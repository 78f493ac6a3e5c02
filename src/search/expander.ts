/** The compiled execution: one generated function that takes a state's identity and adds all its successors. */

import { fieldsOf, isPlain, spellValue } from '../write/domain.js'
import type { At, Standing } from '../write/model.js'
import type { StepTaken } from '../write/predicate.js'
import { threadsOf } from '../write/standing.js'
import type { System, Transition } from '../write/system.js'
import { Parents } from './parents.js'
import { codecText, fieldsIn, objectsOf, straysAmong, Unpackable, unsound, wordNames } from './codec.js'
import { frozen } from './copies.js'
import { layOut, type Layout } from './layout.js'
import { placesText } from './places.js'
import type { SystemState } from './reference.js'
import { Compaction, type CompactionOptions } from './compact/compaction.js'
import { exchangeText, type ExchangeCode } from './parallel/partition.js'
import {
  hashText,
  locateText,
  offsetIn,
  segmentOf,
  sharedInts,
  slotsFor,
  storeText,
  type Store,
  type StoreCode,
} from './store.js'

/** A predicate on states as the search sees it. */
export type StateTest = (state: unknown, at: At) => boolean

/** A predicate on transitions as the search sees it. */
export type StepTest = (before: unknown, after: unknown, step: StepTaken) => boolean

/** What is watched during a search, by the names of properties; each kind reports by number, in the order given. */
export interface Watch {
  /** Asked of every state until broken: the first state that satisfies `when` and not `holds`. */
  readonly states: readonly {
    readonly name: string
    readonly when: StateTest | undefined
    readonly holds: StateTest
    /** The state that breaks it is what is looked for, and no violation. */
    readonly witness?: true
  }[]
  /** Asked of every selected transition until broken. */
  readonly steps: readonly {
    readonly name: string
    readonly selects: (transition: Transition) => boolean
    readonly when: StepTest | undefined
    readonly holds: StepTest
  }[]
  /** Asked of every state: all identities that satisfy the test are collected. */
  readonly collects: readonly { readonly name: string; readonly holds: StateTest }[]
}

/** What a watch found; identities are -1 where nothing was found. */
export interface Findings {
  readonly states: { readonly seen: Uint8Array; readonly broken: Int32Array }
  /** `by` is the index of the breaking transition out of state `broken`. */
  readonly steps: { readonly seen: Uint8Array; readonly broken: Int32Array; readonly by: Int32Array }
  /** Per collect, the identities in ascending order. */
  readonly collected: readonly number[][]
  /** The first state without successors that is not resting. */
  readonly dead: Int32Array
  /** How often each transition was taken, and from which state first. */
  readonly fired: Float64Array
  readonly first: Int32Array
}

/** Whether something was violated: a state that was only looked for does not count. */
export const violationIn = (
  { states, steps, dead }: Pick<Findings, 'states' | 'steps' | 'dead'>,
  watch: Watch,
): boolean =>
  states.broken.some((id, i) => id >= 0 && !watch.states[i]!.witness) ||
  steps.broken.some((id) => id >= 0) ||
  dead[0]! >= 0

/** A system compiled for search. */
export interface Expander {
  readonly system: System
  readonly watch: Watch
  readonly layout: Layout
  readonly store: Store
  readonly findings: Findings
  /** Adds the initial states. */
  readonly start: () => void
  /** Adds all successors of a state; returns how many transitions were taken. Throws what the model throws. */
  readonly expand: (id: number) => number
  /**
   * As `expand`, but in a batch of several threads: adds nothing, and hands the successors, found by `by`, `by + 1`, …, to
   * the owners of their parts of the index; `successors` tells where their entries are.
   */
  readonly survey: (id: number, by: number) => number
  readonly code: StoreCode & ExchangeCode
  /** After `expand`: the identities of the successors and the transitions that led there, in order. */
  readonly successors: Int32Array
  readonly taken: Int32Array
  /** A frozen copy of a stored state; of states kept as fingerprints only those in the frontier. */
  readonly stateOf: (id: number) => SystemState
  /** Where states are kept if not exactly: `store` and `code` hold none then. */
  readonly compaction?: Compaction
  /** Takes all transitions of the packed state at `words[at]…`: the successors go to `batch`, and nothing is added. */
  readonly fan: (id: number, words: Int32Array, at: number) => number
  /** After `fan` and `expand`: the words of all successors, one behind the other. */
  readonly batch: Int32Array
  /** Whether code has written, since the search began, on an object that shows states what a state does not have. */
  readonly strays: () => boolean
  /** A frozen copy of the packed state at `words[at]…`. */
  readonly unpack: (words: Int32Array, at: number) => SystemState
  /** The words of a state. */
  readonly pack: (here: SystemState) => Int32Array
  /** Present where not all steps are taken: what was derived of a step: where it leads, null if it cannot be taken. */
  readonly foretold?: (here: SystemState, transition: Transition) => SystemState | null
  /** Present if a stored state stands for all that differ from it only in the names of members. */
  readonly orbits?: {
    /** The identity of the state that stands for another, or -1. */
    readonly identify: (here: SystemState) => number
    /** Some of the states that the same one stands for. */
    readonly images: (here: SystemState) => readonly SystemState[]
  }
}

/** Compiles a system with what is to be watched. Generated code lives as long as the expander. */
export function compile(system: System, watch: Watch, compact?: CompactionOptions): Expander {
  const layout = layOut(system)
  const findings = emptyFindings(system, watch)
  const most = Math.max(system.transitions.length, system.initials.length, 1)
  const successors = new Int32Array(most)
  const taken = new Int32Array(most)
  const segments: Int32Array[] = []
  const parents = new Parents()
  const batch = new Int32Array(most * layout.words)
  const hashes = new Int32Array(most)
  const compaction = compact && new Compaction(layout.words, system.transitions.length, most, parents, compact)
  const scope: Record<string, unknown> = {
    segments,
    sharedInts,
    C: objectsOf(layout),
    N: objectsOf(layout),
    T: system.transitions,
    I: system.transitions.map(({ name, step, actor, args }) => ({ name, step, actor, args, at: undefined })),
    LABELS: system.threads.map((thread) => thread.labels),
    threads: threadsOf(system),
    initials: system.initials,
    resting: system.resting,
    watch,
    findings,
    successors,
    taken,
    batch,
    hashes,
    compaction,
    bad: (leaf: number | string, found: unknown): never => {
      const where = typeof leaf === 'number' ? layout.leaves[leaf]!.path : leaf
      throw new Unpackable(`${where} := ${spellValue(found)}`)
    },
    unsound,
    plain: isPlain,
    fields: fieldsOf,
  }
  const text = programText(system, layout, watch, compaction !== undefined)
  const compiled = new Function(...Object.keys(scope), text) as (...values: unknown[]) => Compiled
  const { start, expand, survey, fan, decode, pack, standing, ...code } = compiled(...Object.values(scope))
  const { find } = code
  const count = compaction ? () => compaction.count : code.count
  const exactBytes = (): number => count() * layout.words * 4 + slotsFor(count()) * 4 + parents.bytes()
  const bytes = compaction ? () => compaction.bytes() : exactBytes
  const objects = scope.C as readonly unknown[]
  const fields = fieldsIn(layout)
  const unpack = (words: Int32Array, from: number): SystemState => {
    decode(words, from)
    return Object.freeze({ state: frozen(objects[layout.root.index]), at: Object.freeze(standing()) })
  }
  return {
    system,
    watch,
    layout,
    store: { words: layout.words, segments, parents, count, find, bytes },
    findings,
    start: () => {
      start()
      parents.roots = count()
    },
    expand,
    survey,
    code,
    successors,
    taken,
    stateOf: compaction
      ? (id) => {
          const block = compaction.frontier.heldFor(id)
          if (!block) throw new Error(`the words of state ${id} are not kept`)
          return unpack(block, compaction.frontier.offsetOf(id))
        }
      : (id) => unpack(segments[segmentOf(id)]!, offsetIn(id) * layout.words),
    ...(compaction && { compaction }),
    fan,
    batch,
    strays: () => straysAmong(objects, fields) || straysAmong(scope.N as readonly unknown[], fields),
    unpack,
    pack: (here) => {
      const words = new Int32Array(layout.words)
      pack(here.state, words, 0)
      for (const [i, { name, labels }] of system.threads.entries()) {
        const { word, shift } = layout.counters[i]!
        words[word]! |= labels.indexOf(here.at[name]!) << shift
      }
      return words
    },
  }
}

interface Compiled extends StoreCode, ExchangeCode {
  readonly start: () => void
  readonly expand: (id: number) => number
  readonly survey: (id: number, by: number) => number
  readonly fan: (id: number, words: Int32Array, at: number) => number
  readonly decode: (words: Int32Array, at: number) => void
  readonly standing: () => Standing
  readonly pack: (state: unknown, into: Int32Array, at: number) => void
}

function emptyFindings(system: System, watch: Watch): Findings {
  const none = (n: number): Int32Array => sharedInts(n).fill(-1)
  const unseen = (n: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(n))
  return {
    states: { seen: unseen(watch.states.length), broken: none(watch.states.length) },
    steps: {
      seen: unseen(watch.steps.length),
      broken: none(watch.steps.length),
      by: none(watch.steps.length),
    },
    collected: watch.collects.map(() => []),
    dead: none(1),
    fired: new Float64Array(new SharedArrayBuffer(system.transitions.length * 8)),
    first: none(system.transitions.length),
  }
}

/** The most transitions in one generated function: V8 does not optimise very long ones. */
const longest = 48

function programText(system: System, layout: Layout, watch: Watch, compact: boolean): string {
  const codec = codecText(layout)
  const words = wordNames(layout, 'w')
  const counters = layout.counters.map(
    (bits, i) => `const p${i}=w${bits.word}>>>${bits.shift}&${(1 << bits.width) - 1};`,
  )
  const stand = `stand(${system.threads.map((_, i) => `p${i}`).join(',')});`
  const { functions, calls } = dispatch(system, layout, watch)
  const locate = locateText('id', layout.words)
  const load = eachWord(layout, (i) => `const w${i}=segment[o+${i}];`)
  return `'use strict';
${codec.constants}
${storeText(layout.words)}
${exchangeText(layout.words)}
${codec.functions}
${placesText(system)}
for(const one of I)one.at=at;
const stateSeen=findings.states.seen,stateBroken=findings.states.broken;
const stepSeen=findings.steps.seen,stepBroken=findings.steps.broken,stepBy=findings.steps.by;
const collected=findings.collected,dead=findings.dead,fired=findings.fired,firstFrom=findings.first;
${bindings(system, watch)}
${functions.join('\n')}
function watchState(id){let y;${watchText(watch)}}
function decode(segment,o){${load}${counters.join('')}${codec.decode}${stand}}
function fan(id,segment,o){let y;
  ${load}
  ${counters.join('')}
  ${codec.decode}
  ${stand}
  watchState(id);
  let k=0;
  ${calls.map((call) => `k=${call('k', 'id', words)};`).join('\n  ')}
  if(k===0&&dead[0]<0&&!${yes('resting(c0,at)')})dead[0]=id;
  return k;
}
// Look-ups of one state's successors that do not wait for each other: their cache misses overlap.
function look(k){let all=0;for(let i=0;i<k;i++)all^=index[hashes[i]&mask];touched=all;}
${compact ? compactText : exactText(layout, locate)}
function survey(id,by){
  ${locate}
  const k=fan(id,segment,o);
  scatter(k,by);
  return k;
}
return {count:()=>count,index:()=>index,find,enter,grow,adopt,renew,refill,join,open,use,ends,resolve,entered:()=>entered,settle,forget,release,start,expand,survey,fan,decode,pack,standing};`
}

/** An answer that must be true or false. Written out each time: a function would take its share of what V8 inlines into its caller. */
const yes = (call: string): string => `((y=${call})===true||y!==false&&unsound(y))`

/** Entering states in the exact store. */
const exactText = (layout: Layout, locate: string): string => `function expand(id){
  ${locate}
  const k=fan(id,segment,o);
  look(k);
  for(let i=0;i<k;i++)successors[i]=one(batch,i*${layout.words},hashes[i]);
  return k;
}
function start(){
  for(let i=0;i<initials.length;i++){
    pack(initials[i],batch,0);
    ${eachWord(layout, (i) => `const a${i}=batch[${i}];`)}
    let h,k;${hashText(layout.words)}
    successors[i]=one(batch,0,h);
  }
}`

/** Entering states as fingerprints. */
const compactText = `const frontier=compaction.frontier;
function expand(id){
  const k=fan(id,frontier.blockOf(id),frontier.offsetOf(id));
  compaction.enter(k,batch,taken,successors);
  return k;
}
function start(){
  for(let i=0;i<initials.length;i++){pack(initials[i],batch,0);compaction.begin(batch,i);}
}`

const eachWord = (layout: Layout, text: (i: number) => string): string =>
  Array.from({ length: layout.words }, (_, i) => text(i)).join('')

/** Constants for every function of the model: one name per call site keeps each of them monomorphic. */
function bindings(system: System, watch: Watch): string {
  const transitions = system.transitions.map(({ index, guards, effects, note }) => {
    const guardNames = guards.map((_, j) => `,g${index}_${j}=T[${index}].guards[${j}]`).join('')
    const effectNames = effects.map((_, j) => `,x${index}_${j}=T[${index}].effects[${j}]`).join('')
    const noteName = note ? `,o${index}=T[${index}].note` : ''
    return `const A${index}=T[${index}].args,I${index}=I[${index}]${guardNames}${effectNames}${noteName};`
  })
  const pair = (kind: 'states' | 'steps', letter: string): string[] =>
    watch[kind].map((_, j) => `const ${letter}${j}=watch.${kind}[${j}].holds,${letter}w${j}=watch.${kind}[${j}].when;`)
  const collects = watch.collects.map((_, j) => `const q${j}=watch.collects[${j}].holds;`)
  return [...transitions, ...pair('states', 's'), ...pair('steps', 'e'), ...collects].join('\n')
}

function watchText(watch: Watch): string {
  const states = watch.states.map(({ when }, j) => {
    const test = `stateSeen[${j}]=1;if(!${yes(`s${j}(c0,at)`)})stateBroken[${j}]=id;`
    return `if(stateBroken[${j}]<0){${when ? `if${yes(`sw${j}(c0,at)`)}{${test}}` : test}}`
  })
  const collects = watch.collects.map((_, j) => `if${yes(`q${j}(c0,at)`)}collected[${j}].push(id);`)
  return [...states, ...collects].join('\n')
}

/** One function per thread, which switches on its program counter before any guard is asked, and some for the actions. */
function dispatch(
  system: System,
  layout: Layout,
  watch: Watch,
): { functions: string[]; calls: ((k: string, id: string, words: string) => string)[] } {
  const head = `k,id,${wordNames(layout, 'w')}`
  const bodies = runs(system.transitions).map((run) => {
    const thread = run[0]!.thread
    const takes = run.map((one) => takeText(layout, watch, one))
    if (thread < 0) return takes.join('')
    const { word, shift, width } = layout.counters[thread]!
    const cases = [...new Set(run.map(({ from }) => from))].map((label) => {
      const own = takes.filter((_, i) => run[i]!.from === label)
      return `case ${label}:${own.join('')}break;`
    })
    return `switch(w${word}>>>${shift}&${(1 << width) - 1}){${cases.join('\n')}}`
  })
  return {
    functions: bodies.map((body, i) => `function go${i}(${head}){let y;${body}return k;}`),
    calls: bodies.map((_, i) => (k, id, words) => `go${i}(${k},${id},${words})`),
  }
}

/** Neighbours in declaration order that one function can hold: a thread's transitions, or a stretch of actions. */
function runs(transitions: readonly Transition[]): Transition[][] {
  const made: Transition[][] = []
  for (const transition of transitions) {
    const last = made.at(-1)
    const fits = last?.[0]!.thread === transition.thread && (transition.thread >= 0 || last.length < longest)
    if (last && fits) last.push(transition)
    else made.push([transition])
  }
  return made
}

/** Asks the guards of one transition and takes it: effect, step watches, packing. */
function takeText(layout: Layout, watch: Watch, transition: Transition): string {
  const { index, guards, effects, note, thread, from, to } = transition
  const asked = guards.map((_, j) => yes(`g${index}_${j}(c0,A${index},at)`)).join('&&')
  const noted = note ? `if(o${index}(c0,n0,I${index})!==undefined)unsound();` : ''
  const run = effects.map((_, j) => `if(x${index}_${j}(n0,A${index})!==undefined)unsound();`).join('') + noted
  const watched = watch.steps.map(({ selects, when }, j) => {
    if (!selects(transition)) return ''
    const test = `stepSeen[${j}]=1;if(!${yes(`e${j}(c0,n0,I${index})`)}){stepBroken[${j}]=id;stepBy[${j}]=${index};}`
    return `if(stepBroken[${j}]<0){${when ? `if${yes(`ew${j}(c0,n0,I${index})`)}{${test}}` : test}}`
  })
  const counter = thread >= 0 && from !== to ? layout.counters[thread]! : undefined
  const words = Array.from({ length: layout.words }, (_, i) =>
    counter?.word === i ? `w${i}&${~counter.mask}|${to << counter.shift}` : `w${i}`,
  )
  return `${asked ? `if(${asked})` : ''}{${run}${watched.join('')}diff(k,${words.join(',')});if(fired[${index}]++===0)firstFrom[${index}]=id;taken[k++]=${index};}\n`
}
