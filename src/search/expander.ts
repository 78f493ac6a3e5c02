/** The compiled execution: one generated function that takes a state's identity and adds all its successors. */

import type { Args, At } from '../write/model.js'
import type { System, Transition } from '../write/system.js'
import { codecText, objectsOf, Unpackable, wordNames } from './codec.js'
import { layOut, type Layout } from './layout.js'
import { hashText, locateText, storeText, type Store } from './store.js'

/** A predicate on states as the search sees it. */
export type StateTest = (state: unknown, at: At) => boolean

/** A predicate on transitions as the search sees it. */
export type StepTest = (before: unknown, after: unknown, step: { name: string; actor: string; args: Args }) => boolean

/** What is watched during a search; each kind reports by number, in the order given. */
export interface Watch {
  /** Asked of every state until broken: the first state that satisfies `when` and not `holds`. */
  readonly states: readonly { readonly when: StateTest | undefined; readonly holds: StateTest }[]
  /** Asked of every selected transition until broken. */
  readonly steps: readonly {
    readonly selects: (transition: Transition) => boolean
    readonly when: StepTest | undefined
    readonly holds: StepTest
  }[]
  /** Asked of every state: all identities that satisfy the test are collected. */
  readonly collects: readonly StateTest[]
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
  /** How often each transition was taken. */
  readonly fired: Float64Array
}

/** A system compiled for search. */
export interface Expander {
  readonly system: System
  readonly layout: Layout
  readonly store: Store
  readonly findings: Findings
  /** Adds the initial states. */
  readonly start: () => void
  /** Adds all successors of a state; returns how many transitions were taken. Throws what the model throws. */
  readonly expand: (id: number) => number
  /** After `expand`: the identities of the successors and the transitions that led there, in order. */
  readonly successors: Int32Array
  readonly taken: Int32Array
  /** A plain copy of a stored state. */
  readonly stateOf: (id: number) => { readonly state: unknown; readonly at: At }
}

/** Compiles a system with what is to be watched. Generated code lives as long as the expander. */
export function compile(system: System, watch: Watch): Expander {
  const layout = layOut(system)
  const findings = emptyFindings(system, watch)
  const most = Math.max(system.transitions.length, system.initials.length, 1)
  const successors = new Int32Array(most)
  const taken = new Int32Array(most)
  const segments: Int32Array[] = []
  const parents: Int32Array[] = []
  const scope: Record<string, unknown> = {
    segments,
    parents,
    C: objectsOf(layout),
    N: objectsOf(layout),
    T: system.transitions,
    I: system.transitions.map(({ name, actor, args }) => ({ name, actor, args })),
    LABELS: system.threads.map((thread) => thread.labels),
    at: Object.fromEntries(system.threads.map((thread) => [thread.name, thread.labels[0]!])),
    initials: system.initials,
    resting: system.resting,
    watch,
    findings,
    successors,
    taken,
    batch: new Int32Array(most * layout.words),
    hashes: new Int32Array(most),
    bad: (leaf: number | string, found: unknown): never => {
      const where = typeof leaf === 'number' ? layout.leaves[leaf]!.path : leaf
      throw new Unpackable(`${where} := ${String(found)}`)
    },
  }
  const text = programText(system, layout, watch)
  const compiled = new Function(...Object.keys(scope), text) as (...values: unknown[]) => Compiled
  const { count, find, bytes, start, expand, decode } = compiled(...Object.values(scope))
  const objects = scope.C as readonly unknown[]
  return {
    system,
    layout,
    store: { words: layout.words, segments, parents, count, find, bytes },
    findings,
    start,
    expand,
    successors,
    taken,
    stateOf: (id) => {
      decode(id)
      return { state: structuredClone(objects[layout.root.index]), at: { ...(scope.at as At) } }
    },
  }
}

interface Compiled {
  readonly count: () => number
  readonly find: (batch: Int32Array) => number
  readonly bytes: () => number
  readonly start: () => void
  readonly expand: (id: number) => number
  readonly decode: (id: number) => void
}

function emptyFindings(system: System, watch: Watch): Findings {
  const none = (n: number): Int32Array => new Int32Array(n).fill(-1)
  return {
    states: { seen: new Uint8Array(watch.states.length), broken: none(watch.states.length) },
    steps: {
      seen: new Uint8Array(watch.steps.length),
      broken: none(watch.steps.length),
      by: none(watch.steps.length),
    },
    collected: watch.collects.map(() => []),
    dead: none(1),
    fired: new Float64Array(system.transitions.length),
  }
}

/** The most transitions in one generated function: V8 does not optimise very long ones. */
const longest = 48

function programText(system: System, layout: Layout, watch: Watch): string {
  const codec = codecText(layout)
  const words = wordNames(layout, 'w')
  const counters = layout.counters.map(
    (bits, i) => `const p${i}=w${bits.word}>>>${bits.shift}&${(1 << bits.width) - 1};`,
  )
  const labels = system.threads.map((thread, i) => `at[${JSON.stringify(thread.name)}]=LABELS[${i}][p${i}];`)
  const { functions, calls } = dispatch(system, layout, watch)
  const load = `${locateText('id', layout.words)}${eachWord(layout, (i) => `const w${i}=segment[o+${i}];`)}`
  return `'use strict';
${codec.constants}
${storeText(layout.words)}
${codec.functions}
const stateSeen=findings.states.seen,stateBroken=findings.states.broken;
const stepSeen=findings.steps.seen,stepBroken=findings.steps.broken,stepBy=findings.steps.by;
const collected=findings.collected,dead=findings.dead,fired=findings.fired;
${bindings(system, watch)}
${functions.join('\n')}
function watchState(id){${watchText(watch)}}
function decode(id){${load}${counters.join('')}${codec.decode}${labels.join('')}}
function expand(id){
  ${load}
  ${counters.join('')}
  ${codec.decode}
  ${labels.join('')}
  watchState(id);
  let k=0;
  ${calls.map((call) => `k=${call('k', 'id', words)};`).join('\n  ')}
  if(k===0&&dead[0]<0&&!resting(c0,at))dead[0]=id;
  for(let i=0;i<k;i++)successors[i]=one(batch,i*${layout.words},hashes[i],id);
  return k;
}
function start(){
  for(let i=0;i<initials.length;i++){
    pack(initials[i],batch,0);
    ${eachWord(layout, (i) => `const a${i}=batch[${i}];`)}
    let h,k;${hashText(layout.words)}
    successors[i]=one(batch,0,h,-1);
  }
}
return {count:()=>count,find,bytes,start,expand,decode};`
}

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
  const collects = watch.collects.map((_, j) => `const q${j}=watch.collects[${j}];`)
  return [...transitions, ...pair('states', 's'), ...pair('steps', 'e'), ...collects].join('\n')
}

function watchText(watch: Watch): string {
  const states = watch.states.map(({ when }, j) => {
    const test = `stateSeen[${j}]=1;if(!s${j}(c0,at))stateBroken[${j}]=id;`
    return `if(stateBroken[${j}]<0){${when ? `if(sw${j}(c0,at)){${test}}` : test}}`
  })
  const collects = watch.collects.map((_, j) => `if(q${j}(c0,at))collected[${j}].push(id);`)
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
    functions: bodies.map((body, i) => `function go${i}(${head}){${body}return k;}`),
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
  const asked = guards.map((_, j) => `g${index}_${j}(c0,A${index},at)`).join('&&')
  const noted = note ? `o${index}(c0,n0,I${index});` : ''
  const run = effects.map((_, j) => `x${index}_${j}(n0,A${index});`).join('') + noted
  const watched = watch.steps.map(({ selects, when }, j) => {
    if (!selects(transition)) return ''
    const test = `stepSeen[${j}]=1;if(!e${j}(c0,n0,I${index})){stepBroken[${j}]=id;stepBy[${j}]=${index};}`
    return `if(stepBroken[${j}]<0){${when ? `if(ew${j}(c0,n0,I${index})){${test}}` : test}}`
  })
  const counter = thread >= 0 && from !== to ? layout.counters[thread]! : undefined
  const words = Array.from({ length: layout.words }, (_, i) =>
    counter?.word === i ? `w${i}&${~counter.mask}|${to << counter.shift}` : `w${i}`,
  )
  return `${asked ? `if(${asked})` : ''}{${run}${watched.join('')}diff(k,${words.join(',')});fired[${index}]++;taken[k++]=${index};}\n`
}
