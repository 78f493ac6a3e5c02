/** Specs: the claims of a protocol as data, with what a person expects and what the recorder measured kept apart. */

import { Mistake, unknownName, type MistakeOptions } from '../write/mistake.js'
import type { Arg, Fairness } from '../write/model.js'
import type { Judgement } from '../search/check.js'
import { isAimless, type Aim } from '../ask/runs/aim.js'
import type { MutantVerdict } from '../ask/mutation-score.js'
import { writeWhole } from './file.js'
import { placeAt, type Path } from './json.js'
import { readJson } from './schema.js'

/** How well a source is known: read, remembered, or concluded by us. */
export type Evidence = 'seen' | 'recalled' | 'derived'

/** A commit, a thread, a document. */
export interface Reference {
  readonly title: string
  /** Commits, mails, tickets and years are read off it: see `pages/citation.ts`. */
  readonly where: string
  readonly evidence: Evidence
}

/**
 * What is expected of one property: a verdict; for a violation perhaps with the length of the shortest trace; and that it says nothing of
 * this instance only with the reason for that.
 */
export type Expectation =
  | Exclude<Judgement, 'trivial'>
  | { readonly verdict: 'violated'; readonly steps: number }
  | { readonly verdict: 'trivial'; readonly because: string }

/** What the recorder found. */
export interface Measured {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** How many states differ in more than the names of members, where the search was reduced to those. */
  readonly orbits?: number
  /** Trace length of each violated property that has a trace. */
  readonly traces: Readonly<Record<string, number>>
}

/** One instance: parameters, patches and fairness of a model, and what is claimed of it. */
export interface Instance {
  readonly id: string
  readonly says: string
  /** The bug it stands for: `xen-B04`. */
  readonly corpus: string | null
  readonly form: 'buggy' | 'fixed' | null
  readonly evidence: Evidence | null
  readonly references: readonly string[]
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
  readonly fairness?: Readonly<Record<string, Fairness>>
  /** Properties of which something else is expected than that they hold: see {@link expected}. */
  readonly expect: Readonly<Record<string, Expectation>>
  readonly measured?: Measured
  readonly note?: string
}

/** A run that must be possible, or impossible, in an instance. */
export interface Scenario extends Aim {
  readonly name: string
  readonly says: string
  readonly instance: string
  readonly is: 'possible' | 'impossible'
  /** Index of the initial state of {@link steps}; absent: the first. */
  readonly initial?: number
  /** The run itself; then it is taken again, and not looked for. */
  readonly steps?: readonly string[]
}

/** A question that somebody asked of the protocol, answered by instances. */
export interface Answer {
  readonly asks: string
  readonly says: string
  readonly instances: readonly string[]
}

/** What became of planted errors (`thawproof mutate --record`). */
export interface Score {
  /** Identifies the model, the properties and the instances that were scored. */
  readonly fingerprint: string
  /** The instances in which errors were planted. */
  readonly instances: readonly string[]
  readonly fates: Readonly<Record<MutantVerdict, number>>
  /** Per property: how many mutants it notices, and how many of them no other property notices. */
  readonly properties: Readonly<Record<string, readonly [noticed: number, alone: number]>>
  /** Per step: how many errors were planted there, without those that change nothing or break the model, and how many were noticed. */
  readonly steps: Readonly<Record<string, readonly [planted: number, noticed: number]>>
  readonly survivors: readonly string[]
  readonly undecided: readonly string[]
}

/** Why some mutants are rightly not noticed. */
export interface Excuse {
  readonly mutants: readonly string[]
  readonly because: string
}

/** In which version a protocol was read, and what a maintainer of that code would say of it. */
export interface Reading {
  /** The version of the base, and behind it those of other variants: `Linux 7.3.4; 6.12.117 as linux-6.12`. */
  readonly in: string
  /** `yes`, or why not. */
  readonly signs: string
  /** What the model leaves out that could matter to somebody who relies on it. */
  readonly without: string
}

/** A spec file. */
export interface Spec {
  readonly schema: 'thawproof/spec@1'
  readonly protocol: string
  readonly references: Readonly<Record<string, Reference>>
  /**
   * Where the functions of the model are shown: `drivers/`: `linux v6.18`, `owner/repository v1.0:other/folder/` or
   * `none: why`; the longest beginning of a file counts, `file:function` before all.
   */
  readonly sources?: Readonly<Record<string, string>>
  readonly reading?: Reading
  readonly answers?: readonly Answer[]
  readonly instances: readonly Instance[]
  /** The first possible one is what the page of the protocol starts with. */
  readonly scenarios?: readonly Scenario[]
  /** The instances to plant errors in, where the author has chosen them. */
  readonly scored?: readonly string[]
  readonly teeth?: Score
  /** Explanations of the mutants that survive. */
  readonly survivors?: readonly Excuse[]
}

/** What is expected of one property: that it holds, unless said. */
export const expected = ({ expect }: Pick<Instance, 'expect'>, property: string): Expectation =>
  Object.hasOwn(expect, property) ? expect[property]! : 'holds'

/** The verdict that is expected of one property. */
export const expectedVerdict = (instance: Pick<Instance, 'expect'>, property: string): Judgement => {
  const one = expected(instance, property)
  return typeof one === 'string' ? one : one.verdict
}

/** What an instance is where its file does not say. */
const plain = {
  says: '',
  corpus: null,
  form: null,
  evidence: null,
  references: [],
  parameters: {},
  patches: [],
  expect: {},
} as const satisfies Partial<Instance>

/** An instance as a file may have it: what is plain can be left out. */
type Written = Pick<Instance, 'id'> & Partial<Instance>

/** A spec as a file may have it. */
type WrittenSpec = Omit<Spec, 'references' | 'instances'> & {
  readonly references?: Spec['references']
  readonly instances: readonly Written[]
}

/** An instance in full. */
export const inFull = (instance: Written): Instance => ({
  ...{ id: instance.id, ...plain },
  ...instance,
})

/** An instance without what is plain, and without expectations that hold: as short as it can be written. */
function inShort(instance: Instance): Written {
  const expect = Object.fromEntries(Object.entries(instance.expect).filter(([, one]) => one !== 'holds'))
  const isPlain = (key: string, value: unknown): boolean =>
    Object.hasOwn(plain, key) && JSON.stringify(value) === JSON.stringify(plain[key as keyof typeof plain])
  const told = Object.entries({ ...instance, expect }).filter(([key, value]) => !isPlain(key, value))
  return Object.fromEntries(told) as unknown as Written
}

/** Reads a spec, of the protocol of that name if one is given. @throws Mistake for what the schema forbids, a duplicate instance, or a reference that is not listed. */
export function readSpec(file: string, protocol?: string): Spec {
  const written = readJson<WrittenSpec>(file, 'spec')
  const spec: Spec = { ...written, references: written.references ?? {}, instances: written.instances.map(inFull) }
  if (protocol !== undefined && spec.protocol !== protocol)
    throw new Mistake(
      file,
      `says it is of '${spec.protocol}'`,
      `"protocol" must be "${protocol}", as the file is named`,
      { at: placeAt(file, ['protocol']) },
    )
  const at = (...path: Path): MistakeOptions => ({ at: placeAt(file, path) })
  const ids = spec.instances.map(({ id }) => id)
  for (const [i, { id, references }] of spec.instances.entries()) {
    if (ids.indexOf(id) < i)
      throw new Mistake(`${file}, instance ${id}`, 'is declared twice', 'rename one of them', at('instances', i, 'id'))
    for (const [j, key] of references.entries())
      if (!Object.hasOwn(spec.references, key)) {
        const place = at('instances', i, 'references', j)
        throw new Mistake(
          `${file}, instance ${id}`,
          `reference '${key}' is not listed`,
          'add it to "references"',
          place,
        )
      }
  }
  const known = (where: string, named: readonly string[], ...path: Path): void => {
    for (const [i, id] of named.entries())
      if (!ids.includes(id)) throw unknownName(`${file}, ${where}`, 'instance', id, ids, placeAt(file, [...path, i]))
  }
  for (const [i, { asks, instances }] of (spec.answers ?? []).entries())
    known(`answer to "${asks}"`, instances, 'answers', i, 'instances')
  const scenarios = spec.scenarios ?? []
  for (const [i, { name, instance, ...asked }] of scenarios.entries()) {
    if (!asked.steps && isAimless(asked))
      throw new Mistake(
        `${file}, scenario ${name}`,
        'asks for nothing',
        'write "to", "through", "until", "avoid" or "steps"',
        at('scenarios', i),
      )
    if (scenarios.findIndex((one) => one.name === name) < i) {
      const place = at('scenarios', i, 'name')
      throw new Mistake(`${file}, scenario ${name}`, 'is declared twice', 'rename one of them', place)
    }
    if (!ids.includes(instance))
      throw unknownName(
        `${file}, scenario ${name}`,
        'instance',
        instance,
        ids,
        placeAt(file, ['scenarios', i, 'instance']),
      )
  }
  known('scored', spec.scored ?? [], 'scored')
  const seen = new Set<string>()
  for (const [i, { mutants }] of (spec.survivors ?? []).entries())
    for (const [j, name] of mutants.entries()) {
      if (seen.has(name)) {
        const place = at('survivors', i, 'mutants', j)
        throw new Mistake(`${file}, survivor ${name}`, 'is explained twice', 'keep one reason', place)
      }
      seen.add(name)
    }
  return spec
}

/** A spec as it is written: what is plain is left out, and what fits in 120 columns stays on one line, so that a change of one claim is a change of one line. */
export function specText(spec: Spec): string {
  const { references, instances } = spec
  const short = { ...spec, references, instances: instances.map(inShort) }
  const { references: none, ...rest } = short
  return `${laidOut(Object.keys(none).length === 0 ? rest : short, '')}\n`
}

/** Writes a spec. */
export function writeSpec(file: string, spec: Spec): void {
  writeWhole(file, specText(spec))
}

/** JSON with short values on one line. */
export function laidOut(value: unknown, indent: string): string {
  const flat = oneLine(value)
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= 110) return flat
  const inner = `${indent}  `
  if (Array.isArray(value)) return `[\n${value.map((one) => inner + laidOut(one, inner)).join(',\n')}\n${indent}]`
  const entries = Object.entries(value).map(([key, one]) => `${inner}${JSON.stringify(key)}: ${laidOut(one, inner)}`)
  return `{\n${entries.join(',\n')}\n${indent}}`
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${oneLine(one)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}
