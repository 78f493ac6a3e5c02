/** What a protocol hears in a log: rules as data, and the lines that its steps print themselves. */

import { instantiate, type System, type Transition } from '../../write/system.js'
import type { Model, Step } from '../../write/model.js'
import type { Dialect, Log, LogLine } from './read.js'

/** One rule: which lines it hears, and what they tell. Exactly one of `step`, `enters`, `stands`, `stack` and `own` is there. */
export interface Rule {
  /** A regular expression, anywhere in the message, with named captures. */
  readonly line: string
  /** Steps that print it, one of them each time; `{name}` stands for what was captured. */
  readonly step?: string | readonly string[]
  /** `thread.step`: printed as a thread comes to that step, mostly to wait there. */
  readonly enters?: string | readonly string[]
  /** `thread.step`: it shows that the thread stands there, as a dump of its stack does. */
  readonly stands?: string | readonly string[]
  /** A thread: the line is a stack, and the thread stands at a step whose function is on it (`stack of TASK: …` is what is heard). */
  readonly stack?: string
  /** It is a line that steps print themselves: the rule says that it is heard, and how sure it is to be there. */
  readonly own?: true
  /**
   * Whether the step cannot happen without it: `always`; `if heard`, where the log has a line of this rule at all; `never`, it may
   * stay away. Default: `if heard`; of own lines `always`.
   */
  readonly closed?: Closed
  /** Who prints it: lines of others are not heard. Default: whoever it is. */
  readonly dialect?: Dialect
  /**
   * The severity at which it is printed, 0 to 7. Where the log tells severities and has none that is as talkative, a missing line says
   * nothing, whatever `closed` says.
   */
  readonly level?: number
  /** Lines of this rule right behind one another that tell the same are one. */
  readonly repeats?: true
  /** Where it is printed: file and function, for the reader. */
  readonly printed?: string
}

/** How sure a line is to be in a log. */
export type Closed = 'always' | 'if heard' | 'never'

/** The rules of a protocol. */
export interface Rules {
  /** The version of this format. */
  readonly schema: 'thawproof/log-rules@1'
  /** The protocol that it is about. */
  readonly protocol: string
  /** In order; a line may be heard by several. */
  readonly rules: readonly Rule[]
  /** Of a capture, what its values mean to the model: `{ "dev": { "0000:13:00.0": "1" } }`. Lines with other values are not heard. */
  readonly bind?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Whether what the steps print themselves is heard where no rule says so. Default: yes. */
  readonly own?: boolean
}

/** A line that is heard. */
export interface Heard {
  /** The line of the log. */
  readonly line: LogLine
  /** What was heard: the message, or with its continuation. */
  readonly text: string
  /** The rules that hear it, by number. */
  readonly rules: readonly number[]
  /** Whether it is a line that steps print themselves. */
  readonly own: boolean
}

/** A rule, made ready. */
interface Compiled {
  readonly rule: Rule
  readonly pattern: RegExp
  /** What its targets can name. */
  readonly targets: readonly RegExp[]
}

/** Hears the lines of a log for one protocol, whatever the variant. */
export class Ear {
  readonly rules: readonly Compiled[]
  private readonly printed: readonly string[]

  /** @throws SyntaxError for a rule whose expression is none. */
  constructor(
    readonly declared: Rules,
    model: Model,
    seen: Iterable<string> = [],
  ) {
    this.rules = declared.rules.map((rule) => ({
      rule,
      pattern: new RegExp(rule.line, 'u'),
      targets: targetsOf(rule).map((target) => targetPattern(target, rule, declared.bind)),
    }))
    this.printed = declared.own === false ? [] : [...new Set([...ownLines(model), ...seen])].map(general)
  }

  /** The lines of one boot that this protocol hears, in the order of the log. */
  hear(log: Log, boot: number): readonly Heard[] {
    const own = new Set(this.printed)
    return log.lines.flatMap((line) => {
      if (line.boot !== boot) return []
      const heard =
        this.told(line, line.text, own) ?? (line.joined === undefined ? undefined : this.told(line, line.joined, own))
      return heard ? [heard] : []
    })
  }

  private told(line: LogLine, text: string, own: ReadonlySet<string>): Heard | undefined {
    const rules = this.rules.flatMap(({ pattern, rule: { dialect } }, i) => {
      const match = dialect === undefined || dialect === line.dialect ? pattern.exec(text) : null
      return match && this.bound(match.groups) ? [i] : []
    })
    const said = own.has(general(text)) || rules.some((i) => this.rules[i]!.rule.own)
    return rules.length > 0 || said ? { line, text, rules, own: said } : undefined
  }

  /** What a rule's captures mean; undefined if one of them means nothing to the model. */
  bound(groups: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined {
    const meant: Record<string, string> = {}
    for (const [name, value] of Object.entries(groups ?? {})) {
      const known = this.declared.bind?.[name]
      if (known === undefined) meant[name] = value
      else if (Object.hasOwn(known, value)) meant[name] = known[value]!
      else return undefined
    }
    return meant
  }

  /** Steps that a heard line of a rule may be of, as selectors. */
  meant(heard: Heard, rule: number): readonly string[] {
    const { rule: declared, pattern } = this.rules[rule]!
    const groups = this.bound(pattern.exec(heard.text)?.groups) ?? {}
    return targetsOf(declared).map((target) => target.replace(/\{(\w+)\}/g, (_, name: string) => groups[name] ?? '*'))
  }

  /** Whether a rule speaks of a step or a place, whatever it captures. */
  speaksOf(rule: number, { step, name }: { readonly step: string; readonly name: string }): boolean {
    return this.rules[rule]!.targets.some((target) => target.test(step) || target.test(name))
  }
}

/** Everything that a target with captures in it can name. */
function targetPattern(target: string, { line }: Rule, bind: Rules['bind'] = {}): RegExp {
  const body = target
    .split(/(\{\w+\}|\*)/)
    .map((piece) => {
      if (piece === '*') return '.*'
      const name = /^\{(\w+)\}$/.exec(piece)?.[1]
      if (name === undefined) return escaped(piece)
      const known = bind[name]
      return known ? `(?:${Object.values(known).map(patternOf).join('|')})` : (captured(line, name) ?? '.*')
    })
    .join('')
  return new RegExp(`^${body}(/.*)?$`, 'u')
}

/** A name in which `*` stands for any run of characters. */
const patternOf = (name: string): string => name.split('*').map(escaped).join('.*')

const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}/]/g, '\\$&')

/** What a named capture of an expression may match, as an expression. */
function captured(line: string, name: string): string | undefined {
  const begin = line.indexOf(`(?<${name}>`)
  if (begin < 0) return undefined
  let depth = 0
  for (let i = begin; i < line.length; i++) {
    if (line[i] === '\\') i++
    else if (line[i] === '(') depth++
    else if (line[i] === ')' && --depth === 0) return `(?:${line.slice(begin + `(?<${name}>`.length, i)})`
  }
  return undefined
}

/** The steps or places that a rule names. */
export function targetsOf({ step, enters, stands }: Rule): readonly string[] {
  const named = step ?? enters ?? stands ?? []
  return typeof named === 'string' ? [named] : named
}

/** A message with what differs from print to print taken out: error codes, times, white space. */
export const general = (text: string): string =>
  text
    .replace(/\d+\.\d+/g, '#.#')
    .replace(/-\d{1,3}(?!\d)\b/g, (found, at: number) =>
      /[\s:(=]$/.test(text.slice(0, at)) || at === 0 ? '-#' : found,
    )
    .replace(/\s+/g, ' ')
    .trim()

/** The lines that steps print whatever the state, in the base and in what patches put there. */
function ownLines(model: Model): readonly string[] {
  const printing = (step: Step): readonly unknown[] => [
    step.declared.log,
    step.declared.logOnEntry,
    ...Object.values(step.declared.either ?? {}).map(({ log }) => log),
  ]
  const patched = (model.declared.patches ?? []).flatMap(({ edits }) =>
    edits.flatMap((edit): readonly unknown[] => {
      if (edit.kind === 'before' || edit.kind === 'after') return edit.steps.flatMap(printing)
      if (edit.kind === 'replace')
        return [edit.fields.log, ...Object.values(edit.fields.either ?? {}).map(({ log }) => log)]
      if (edit.kind !== 'add') return []
      const { part } = edit
      return part.kind === 'thread'
        ? part.steps.flatMap(printing)
        : printing({ name: part.name, declared: part.declared })
    }),
  )
  const base = instantiate(model).transitions.flatMap(({ log }) => log)
  return [...base, ...patched].filter((one): one is string => typeof one === 'string')
}

/** What a transition prints in a state. */
export const printedBy = (transition: Transition, state: unknown): readonly string[] =>
  transition.log.flatMap((log) => (typeof log === 'string' ? [log] : log(state as never, transition.args)))

/** Whether what a transition prints depends on the state. */
export const printsByState = ({ log }: Transition): boolean => log.some((one) => typeof one === 'function')

/** Where a transition leads its thread: `thread.step`; undefined where it leads nowhere else. */
export function arrivalOf(system: System, { thread, from, to }: Transition): string | undefined {
  if (thread < 0 || from === to) return undefined
  const { name, labels } = system.threads[thread]!
  return `${name}.${labels[to]!}`
}
