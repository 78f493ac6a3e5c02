/** A run taken step by step, a line at a time: what can be taken, what cannot and why, back, and on until something is so. */

import { Fault, initialStates, isEnabled } from '../search/reference.js'
import { endOf, extend, type Run } from '../search/run.js'
import { isMet } from '../write/condition.js'
import { conditionIn } from '../write/condition-text.js'
import { Mistake, unknownName } from '../write/mistake.js'
import { selects } from '../write/predicate.js'
import type { Picture } from '../write/picture.js'
import type { Property } from '../write/property.js'
import { asking } from '../write/standing.js'
import type { System, Transition } from '../write/system.js'
import { falsePartsOf, type Cause } from './explanation.js'
import { choicesIn, whyNot } from './explore/choices.js'
import { searchFor, type Search } from './explore/question.js'
import { drained, shortestWay } from './explore/shortest.js'
import { truthOf } from './explore/truth.js'
import { helpers } from './explore/waits.js'
import { nobody } from './explore/writers.js'
import { waitsText } from './hanging.js'
import { derivedIn, drawnIn, isSvg } from './picture.js'
import { quoted } from './reason.js'
import { fieldsOf } from './states.js'
import { shown } from './text.js'
import { traceOf, type Trace } from './trace.js'

/** What a line was answered with; `failed`: it asked for something that cannot be done. */
export interface Answer {
  readonly lines: readonly string[]
  readonly failed?: true
  /** The session is over. */
  readonly ends?: true
  /** The run is to be kept as a scenario. */
  readonly keep?: { readonly name: string; readonly says: string }
}

/** How far `until` and `possible` search. */
const bounds = { states: 200_000, seconds: 60 }

const help = [
  'a number or a name     take that step',
  'list, all              what can be taken; what cannot, too',
  'why not STEP           each false part of its guard, and who could make it true',
  'back [n], redo         take steps back; take them again',
  'until CONDITION        go on, by as few steps as can be, until it is so; until step NAME: until that step is taken;',
  '                       until breaks PROPERTY: until that property is broken',
  'possible CONDITION     whether it can still come about, and by which steps; nothing is taken',
  'state                  every field, and where threads stand',
  'waits                  who waits for what, since when, and who could change that; circles',
  'start N                begin again, in initial state N',
  'trace                  the run so far',
  'save NAME SENTENCE     keep it as a scenario of the spec',
  'quit',
]

/** One run in the making. Lines in, lines out: the same lines give the same answers. */
export class Session {
  run: Run
  private undone: readonly Transition[] = []

  constructor(
    private readonly system: System,
    private readonly properties: readonly Property[],
    private readonly picture?: Picture<unknown>,
  ) {
    this.run = this.begun(0)
  }

  /** The run so far. */
  trace(instance: string | null): Trace {
    const names = this.run.steps.map(({ transition }) => transition.name)
    return traceOf({
      instance,
      verdict: { property: 'the run so far', says: 'A run taken step by step.', verdict: 'possible' },
      run: this.run,
      picture: this.picture,
      asked: ['--through', names.join(',')],
    })
  }

  /** Answers a line. What it asks for in vain is told, with what exists, and changes nothing; so is a fault of the model's code. */
  answer(line: string): Answer {
    const [word, ...rest] = line.trim().split(/\s+/)
    const said = rest.join(' ')
    try {
      return this.obey(word ?? '', said, line.trim())
    } catch (error) {
      if (!(error instanceof Mistake) && !(error instanceof Fault)) throw error
      return { lines: error.message.split('\n'), failed: true }
    }
  }

  private obey(word: string, said: string, line: string): Answer {
    if (/^\d+$/.test(line)) return this.numbered(Number(line))
    switch (word) {
      case '':
      case 'list':
        return { lines: this.listed() }
      case 'all':
        return { lines: [...this.listed(), ...this.others()] }
      case 'why':
        return { lines: this.why(this.named(said.replace(/^not\s+/, ''))) }
      case 'back':
        return this.back(said)
      case 'redo':
        return this.redone()
      case 'until':
        return this.until(said)
      case 'possible':
        return this.possible(said)
      case 'state':
        return { lines: this.state() }
      case 'waits': {
        const told = waitsText(this.run)
        return { lines: told.length === 0 ? ['nobody waits'] : told }
      }
      case 'start':
        this.run = this.begun(Number(said))
        return { lines: this.listed() }
      case 'save':
        return this.save(said)
      case 'help':
        return { lines: help }
      case 'quit':
        return { lines: [], ends: true }
      default:
        return this.taken(this.named(line))
    }
  }

  private begun(initial: number): Run {
    const starts = initialStates(this.system)
    const start = starts[initial]
    if (!start)
      throw new Mistake(
        'start',
        `there is no initial state ${String(initial)}`,
        `there are ${starts.length}, from 0 to ${starts.length - 1}`,
      )
    this.undone = []
    return { system: this.system, initial, start, steps: [] }
  }

  private numbered(n: number): Answer {
    const { possible } = choicesIn(this.system, endOf(this.run))
    const one = possible[n - 1]
    if (one) return this.taken(one)
    const next =
      possible.length === 0 ? 'nothing can be taken here' : `there are ${possible.length}, from 1 to ${possible.length}`
    return { lines: [`there is no step ${n}`, next], failed: true }
  }

  private named(name: string): Transition {
    const { transitions } = this.system
    const found = transitions.find((one) => one.name === name)
    if (found) return found
    const alike = transitions.filter((one) => one.step === name || one.step.startsWith(`${name}/`))
    const able = alike.filter((one) => isEnabled(this.system, endOf(this.run), one))
    const only = able.length === 1 ? able[0] : alike.length === 1 ? alike[0] : undefined
    if (only) return only
    throw unknownName(
      `model ${this.system.model.name}`,
      'step',
      name,
      transitions.map((one) => one.name),
    )
  }

  private taken(transition: Transition): Answer {
    if (!isEnabled(this.system, endOf(this.run), transition))
      return { lines: [`${transition.name} cannot be taken here`, ...this.why(transition)], failed: true }
    this.run = extend(this.run, transition)
    this.undone = []
    return { lines: [...this.last(), ...this.listed()] }
  }

  private back(said: string): Answer {
    const n = said === '' ? 1 : Number(said)
    const { steps } = this.run
    if (!Number.isInteger(n) || n < 1 || n > steps.length)
      return { lines: [`there are ${steps.length} steps to take back`], failed: true }
    this.undone = [...steps.slice(-n).map(({ transition }) => transition), ...this.undone]
    this.run = { ...this.run, steps: steps.slice(0, -n) }
    return { lines: [`after ${this.run.steps.length} steps`, ...this.listed()] }
  }

  private redone(): Answer {
    const [next, ...rest] = this.undone
    if (!next) return { lines: ['nothing was taken back'], failed: true }
    const answer = this.taken(next)
    this.undone = rest
    return answer
  }

  /** The step just taken: what it changed and printed, and what it broke. */
  private last(): readonly string[] {
    const trace = this.trace(null)
    const step = trace.steps.at(-1)!
    const past = (trace.steps.at(-2) ?? trace).derived ?? {}
    const derived = Object.entries(step.derived ?? {}).filter(([name, value]) => shown(value) !== shown(past[name]))
    const changes = [
      ...step.changes.map(({ field, before, after }) => `     ${field}: ${shown(before)} → ${shown(after)}`),
      ...derived.map(([name, value]) => `     = ${name}: ${shown(past[name])} → ${shown(value)}`),
    ]
    return [
      `${String(trace.steps.length).padStart(3)}  ${step.name}  (${step.actor})`,
      ...changes,
      ...step.log.map((one) => `     » ${one}`),
      ...this.broken().map(({ name, says }) => `     breaks ${name}${says === undefined ? '' : ` (${says})`}`),
    ]
  }

  /** The properties that are broken after the last step. */
  private broken(): readonly { readonly name: string; readonly says: string | undefined }[] {
    const { system, run, properties } = this
    return truthOf({ base: system, run }, properties)
      .filter(({ name, seen }) => name !== 'no-deadlock' && seen.at(-1)?.truth === 'broken')
      .map(({ name, seen }) => ({ name, says: seen.at(-1)?.says }))
  }

  private listed(): readonly string[] {
    const here = endOf(this.run)
    const { possible } = choicesIn(this.system, here)
    if (possible.length === 0)
      return [
        this.system.resting(here.state, asking(this.system, here.at))
          ? 'nothing can be taken: it rests'
          : 'nothing can be taken: a deadlock',
      ]
    return possible.map(({ name, actor }, i) => `${String(i + 1).padStart(3)}) ${name}  ${actor}`)
  }

  private others(): readonly string[] {
    const { blocked } = choicesIn(this.system, endOf(this.run))
    return blocked.map((one) => `  -) ${one.name}  ${this.why(one)[0] ?? 'its guard is false'}`)
  }

  /** Each false part of a step's guard, in the order in which it asks, and who could make it true. */
  private why(transition: Transition): readonly string[] {
    const { system, run } = this
    const here = endOf(run)
    if (choicesIn(system, here).possible.includes(transition)) return ['it can be taken']
    const reason = whyNot(run, transition)
    switch (reason.kind) {
      case 'absent':
        return ['there is no such step']
      case 'faulty':
        return [reason.says]
      case 'elsewhere': {
        const by = helpers(system, here, `at ${reason.thread}`, [reason.wanted])
        return [`${reason.thread} stands at ${reason.stands}, not at ${reason.wanted}`, ...this.told(by)]
      }
      case 'guard':
        return falsePartsOf(run, transition).flatMap((causes) =>
          causes.flatMap((cause) => [causeLine(cause), ...this.told(helpers(system, here, cause.field, cause.mends))]),
        )
    }
  }

  /** Who could bring it about: those that can do so now first. */
  private told(by: readonly { readonly step: string }[]): readonly string[] {
    const now = new Set(choicesIn(this.system, endOf(this.run)).possible.map(({ name }) => name))
    const names = [...by].map(({ step }) => step)
    const able = names.filter((name) => now.has(name))
    const later = names.filter((name) => !now.has(name))
    const few = (all: readonly string[]): string =>
      [...all.slice(0, 5), ...(all.length > 5 ? [`${all.length - 5} more`] : [])].join(', ')
    return [
      ...(able.length > 0 ? [`  can be taken now and may make it so: ${few(able)}`] : []),
      ...(later.length > 0 ? [`  may make it so later: ${few(later)}`] : []),
      ...(names.length === 0 ? [`  ${nobody(this.system)} makes it so from here`] : []),
    ]
  }

  private until(said: string): Answer {
    const { found, says } = this.sought(said)
    if (!found) return { lines: [says], failed: true }
    const lines = found.flatMap((name) => {
      this.run = extend(this.run, this.named(name))
      return this.last()
    })
    this.undone = []
    return { lines: [...(found.length === 0 ? ['it is so already'] : lines), ...this.listed()] }
  }

  private possible(said: string): Answer {
    const { found, says } = this.sought(said)
    if (!found) return { lines: [says] }
    return { lines: [`yes, in ${found.length} steps: ${found.join(', ')}`] }
  }

  private sought(said: string): { readonly found?: readonly string[]; readonly says: string } {
    const { run, sought } = this.aim(said)
    const ended = drained(shortestWay(run, sought, bounds))
    switch (ended.kind) {
      case 'found':
        return { found: ended.names, says: '' }
      case 'nowhere':
        return { says: `no: not from here, whatever happens (${ended.states} states were searched)` }
      case 'cut':
        return { says: `not known: the search was cut after ${ended.states} states (${ended.limit})` }
      case 'faulty':
        return { says: ended.says }
    }
  }

  private aim(said: string): Search {
    const { run } = this
    const broken = /^breaks\s+(.*)$/.exec(said)?.[1]
    if (broken === 'no-deadlock') return searchFor(run, { kind: 'deadlock' }, [])
    if (broken !== undefined) return searchFor(run, { kind: 'breaks', property: broken }, this.properties)
    const step = /^step\s+(.*)$/.exec(said)?.[1]
    if (step !== undefined) {
      if (!this.system.transitions.some((one) => selects(step, one))) this.named(step)
      return { run, sought: { inStep: (_, transition) => selects(step, transition) } }
    }
    const condition = conditionIn(this.system, said)
    return { run, sought: { inState: ({ state, at }) => isMet(condition, state, asking(this.system, at)) } }
  }

  private state(): readonly string[] {
    const { state, at } = endOf(this.run)
    return [
      ...fieldsOf(state).map(([field, value]) => `${field} = ${shown(value)}`),
      ...Object.entries(at).map(([thread, label]) => `at ${thread} = ${label}`),
      ...(this.picture ? this.pictured(this.picture) : []),
    ]
  }

  private pictured(picture: Picture<unknown>): readonly string[] {
    const here = endOf(this.run)
    const drawn = drawnIn(picture, this.system, here)
    return [
      ...Object.entries(derivedIn(picture, this.system, here)).map(([name, value]) => `= ${name}: ${shown(value)}`),
      ...(drawn === undefined || isSvg(drawn) ? [] : ['', ...drawn.split('\n')]),
    ]
  }

  private save(said: string): Answer {
    const [, name, says] = /^(\S+)\s+(.+)$/.exec(said) ?? []
    if (name === undefined || says === undefined)
      return { lines: ['save wants a name and a sentence: save it-works The disk comes back.'], failed: true }
    return { lines: [], keep: { name, says } }
  }
}

function causeLine({ field, value, step, mends }: Cause): string {
  const since = step === null ? 'from the start' : `since step ${step}`
  const some = [...mends.slice(0, 5).map(quoted), ...(mends.length > 5 ? ['…'] : [])].join(' or ')
  return `${field} is ${quoted(value)} ${since}${mends.length === 0 ? '' : `; it would have to be ${some}`}`
}
