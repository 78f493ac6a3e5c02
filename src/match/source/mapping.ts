/** How a thread of a model and a function of C belong together: what covers what, and what is passed over, with reasons. */

import { Mistake } from '../../write/mistake.js'
import type { Arg } from '../../write/model.js'
import type { Configuration } from './pieces.js'

/** The mappings of one protocol: `specs/source/NAME.json`. */
export interface SourceMapping {
  readonly schema: 'thawproof/source@1'
  readonly protocol: string
  /** Calls that no thread of this protocol shows, each with the reason; names, `name(argument)`, `*` for any letters. */
  readonly ignores?: Readonly<Record<string, string>>
  readonly roots: readonly Root[]
  /** Why there are no roots, if there are none. */
  readonly without?: string
  /** Threads that are held against no source, each with the reason. */
  readonly unread?: Readonly<Record<string, string>>
}

/** One function of C, and the part of a thread that stands for it. */
export interface Root {
  /** `path/of/file.c:function`. */
  readonly function: string
  /** Which tree it is in. */
  readonly tree?: 'linux' | 'xen' | 'qemu' | 'criu'
  /** Why today's trees do not have its file: those that lack it are passed over then. */
  readonly elsewhere?: string
  /** The first version that has such code, of those that were looked into: `7.3`; older ones are passed over. */
  readonly since?: string
  readonly thread: string
  readonly parameters?: Readonly<Record<string, Arg>>
  readonly patches?: readonly string[]
  /** Versions whose code is that of a variant, and not of the base. */
  readonly generations?: readonly Generation[]
  /** A step before which the function begins, or `after STEP`. */
  readonly begins: string
  /** Where it ends: before a step, `after STEP`, or `end`; perhaps with what it has returned then. */
  readonly ends: readonly End[]
  /** More files whose functions are looked into. */
  readonly files?: readonly string[]
  readonly configuration?: Configuration
  /** Functions that are looked into although a step is called like them. */
  readonly opens?: readonly string[]
  /** Calls that run a function they are given: `stop_machine` runs `xen_suspend`. */
  readonly runs?: Readonly<Record<string, Runs>>
  /** Calls and assignments, each with the steps that it stands for, in their order; beyond those that are named alike. */
  readonly covers?: Readonly<Record<string, readonly string[]>>
  /** What a call returns by the alternatives of the step that it covers; `ok` is zero and `fails` negative. */
  readonly outcomes?: Readonly<Record<string, Readonly<Record<string, Returned>>>>
  readonly ignores?: Readonly<Record<string, string>>
  /** Branches that are left out: a condition, what it is taken to be, and why. */
  readonly assumes?: Readonly<Record<string, { readonly is: boolean; readonly why: string }>>
  /** Places and predicates that nothing changes meanwhile. */
  readonly constant?: Readonly<Record<string, string>>
  /** Loops, by their condition or their macro, that go round exactly once: there is one of what they go through. */
  readonly once?: Readonly<Record<string, string>>
  /** Steps that the same call stands for, here and there: `disable_cb:again` is `disable_cb`. */
  readonly alike?: Readonly<Record<string, string>>
  /** Steps that no call shows: waits, and what is done elsewhere. */
  readonly silent?: Readonly<Record<string, string>>
  /** Differences that are there on purpose. */
  readonly differs?: readonly Declared[]
  /** The version that was read. */
  readonly read?: Read
}

/** From a version on, before a version, or between the two: the patches of the model that its code has; `7.3`. */
export interface Generation {
  readonly from?: string
  readonly before?: string
  readonly patches: readonly string[]
}

/** What a function returns. */
export type Returned = 'zero' | 'nonzero' | 'negative' | 'positive' | 'any'

/** An end of a root's part of its thread. */
export type End = string | { readonly at: string; readonly returns: Returned }

/** The place of an end. */
export const atOf = (end: End): string => (typeof end === 'string' ? end : end.at)

/** The project whose tree a root is in. */
export const kindOf = ({ tree = 'linux' }: Root): NonNullable<Root['tree']> => tree

/** A callback; `mayFail`: the call may also return an error without running it. */
export interface Runs {
  readonly function: string
  readonly mayFail?: boolean
}

/** A difference that somebody looked at: in the source or in the model, what comes after which step. */
export interface Declared {
  readonly in: 'source' | 'model'
  readonly after: string
  readonly then: string
  readonly why: string
}

/** What was read: a version, and of each function its fingerprint, its skeleton and its steps. */
export interface Read {
  readonly at: string
  readonly functions: Readonly<Record<string, ReadFunction>>
}

/** One function, as it was read. */
export interface ReadFunction {
  readonly fingerprint: string
  readonly skeleton: string
  /** The steps that stand in it, each with the call or the assignment that it stands for. */
  readonly steps?: Readonly<Record<string, string>>
}

/** The file and the function of `path/of/file.c:function`. @throws Mistake for anything else. */
export function functionNamed(spelled: string): { readonly path: string; readonly name: string } {
  const match = /^([\w./+-]+):(\w+)$/.exec(spelled)
  if (!match)
    throw new Mistake(`function ${spelled}`, 'is not spelled path/of/file.c:function', 'name file and function')
  return { path: match[1]!, name: match[2]! }
}

/** The name of a root: its function's, with the thread where that is needed to tell two apart. */
export const rootName = (root: Root): string => functionNamed(root.function).name

/** Every file that a root looks into, its own first. */
export const filesOf = (root: Root): readonly string[] => [
  ...new Set([functionNamed(root.function).path, ...(root.files ?? [])]),
]

/** The functions that were read for a root, as `path:function`, known without parsing anything. */
export const functionsRead = (root: Root): readonly string[] => [
  ...new Set([root.function, ...Object.keys(root.read?.functions ?? {})]),
]

/** Whether a name fits a pattern in which `*` stands for any letters. */
export function fits(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name
  const parts = pattern.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}
