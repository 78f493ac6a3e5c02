/** The keys that each template takes beside its words, and what each must be. */

import { anything, code, domain, flag, number, predicate, sentence, steps, text } from '../../src/write/declaration.js'
import { siteHere } from '../../src/write/site.js'
import { keyed, listOf, maybe, Where, type Want } from '../../src/write/want.js'
import type { Words } from './terms.js'

const reading = code('(state) => value')

/** By template, as its type has them. */
export const keys = {
  noWorkAfterFreeze: { own: steps, frozen: predicate },
  freezeCompletes: { requested: predicate, ended: predicate },
  drainBeforeTeardown: { teardown: steps, inFlight: predicate },
  noAccessBetween: { teardown: steps, setup: steps, access: steps, absent: maybe(flag) },
  unwindExact: {
    stages: listOf('a list of stages', keyed('a stage', { done: steps, undone: steps })),
    over: predicate,
  },
  reverseOrder: { stages: listOf('a list of stages', keyed('a stage', { done: steps, undone: steps })) },
  dependencyOrder: { needs: listOf('a list of pairs', listOf('a pair', anything)), active: reading },
  resumeOnlySuspended: { suspend: steps, resume: steps },
  resumeExactlyOnce: { suspend: steps, resume: steps, idle: predicate },
  foreignStopPreserved: { undo: steps, foreign: reading },
  setupMatchesTeardown: { setup: steps, teardown: steps, present: predicate },
  everyoneBack: { idle: predicate, running: listOf('a list of functions', predicate) },
  counterBalanced: { counter: reading, initial: number, floor: maybe(number), idle: predicate },
  noStaleFlag: { flags: reading, initial: anything, idle: predicate },
  stateRestored: { projection: reading, domain: domain, begin: steps, end: steps },
  timersReArmed: { armed: reading, begin: steps, end: steps },
  stateMatchesHardware: { claimed: predicate, actual: predicate },
  contextIntact: { image: reading, savers: steps },
  noDeadlock: { idle: predicate },
  canSucceed: { succeeded: predicate },
  wakeupNotLost: { deliverable: predicate, asleep: predicate },
  wakeupHandled: { pending: predicate, handled: predicate },
  noSpuriousAbort: { begin: steps, causes: steps, abort: steps },
  abortScope: { abort: steps, abortable: predicate },
  cancelWindow: { begin: steps, acknowledge: steps, commit: steps },
  singleOutcome: {
    begin: steps,
    outcomes: listOf('a list of objects', keyed('an object', { told: steps, real: predicate })),
    idle: predicate,
  },
  failBeforePoNR: { begin: steps, commit: steps, fails: steps },
  readyAtCommit: { commit: steps, ready: predicate },
  timeTransparent: { expire: steps, due: predicate },
  wakeLeadsToRunning: { woken: predicate, running: predicate },
  ownershipExactlyOne: {
    parties: listOf('a list of objects', keyed('an object', { owns: predicate, uses: maybe(predicate) })),
  },
  ownershipReturned: { owner: reading, initial: anything, aborted: predicate },
  inFlightFate: { accept: steps, effect: steps, complete: steps, fail: steps, idle: predicate },
  everyExitCompletes: { waiting: predicate, signalled: predicate },
  attemptTerminates: { attempt: predicate, ended: predicate },
  singleFlight: { attempts: reading },
  noStaleRequest: { begin: steps, ask: steps, act: steps },
  capabilityConsistent: { advertised: predicate, refuse: steps },
  invisibleToOthers: { operation: steps, result: reading, expected: reading },
  requestServed: { queued: predicate, served: predicate },
  accessOnlyWhile: {
    access: steps,
    allowed: predicate,
    by: maybe(listOf('a list of names', text)),
    except: maybe(listOf('a list of names', text)),
    relevant: maybe(predicate),
  },
  actsOnlyWhile: { acted: reading, noted: reading, except: maybe(listOf('a list of names', text)) },
  readyBeforeUse: { use: steps, ready: predicate, used: maybe(reading) },
  setUpOnce: { setup: steps, present: predicate },
  releasedOnce: { release: steps, over: maybe(steps), held: predicate },
  outcomeReal: { tell: steps, real: predicate },
  stateAgrees: { settled: maybe(predicate), one: reading, other: reading },
  comesToAgree: { settled: maybe(predicate), one: reading, other: reading },
  serviceResumes: { inUse: predicate, serves: predicate },
  failureIsQuiet: { failed: predicate, left: listOf('a list of functions', predicate) },
} as const

type Template = (given: never) => object

/** What a table of keys must be, so that none is forgotten: each key of each template. */
export type KeysOf<T extends Readonly<Record<string, Template>>> = {
  readonly [N in keyof T]: { readonly [K in Exclude<keyof Parameters<T[N]>[0], keyof Words>]-?: Want }
}

const words = { what: sentence, name: maybe(text), says: maybe(sentence) }

/** Templates that look at what they are given before they make anything of it. */
export function looking<T extends Readonly<Record<string, Template>>>(templates: T, wanted: KeysOf<T>): T {
  const looked = Object.entries(templates).map(([name, make]) => {
    const want = keyed('an object', { ...words, ...(wanted[name] as Readonly<Record<string, Want>>) })
    const template = (given: never): object => {
      want.look(given, new Where(name, { at: siteHere(template) }))
      return make(given)
    }
    return [name, template] as const
  })
  return Object.fromEntries(looked) as T
}
