/** The patches to look at: of all messages those of the newest version, in their order, with what was passed over. */

import { Mistake } from '../../write/mistake.js'
import { filesOf, type FilePatch } from './diff.js'
import type { Message } from './mailbox.js'

/** A message with a diff in it. */
export interface Patch {
  readonly message: Message
  readonly files: readonly FilePatch[]
}

/** A series, perhaps of one patch, perhaps of none: a cover letter alone. */
export interface Series {
  /** The cover letter's subject, else that of the first patch. */
  readonly title: string
  /** The message whose subject that is: what a reply answers. */
  readonly head: Message
  readonly version: number
  readonly cover: Message | null
  readonly patches: readonly Patch[]
  /** Messages that were passed over, each with why. */
  readonly passed: readonly { readonly message: Message; readonly why: string }[]
  /** Numbers that the subjects promise and no message has. */
  readonly missing: readonly number[]
  /** The commit that it says it was made on; null if it says none. */
  readonly base: string | null
}

/** Chooses the series. @throws Mistake if there is neither a patch nor a cover letter, or a diff is damaged. */
export function seriesOf(messages: readonly Message[], name: string): Series {
  // An answer that has a diff of its own is a patch only where nothing else is.
  const first = messages.filter(({ reply }) => !reply)
  const candidates = first.some(hasDiff) || first.some(isCover) ? first : messages
  const asked = candidates.filter((one) => isCover(one) || hasDiff(one))
  if (asked.length === 0) throw new Mistake(name, 'has no patch in it', 'give it the mail that has the diff')
  const version = Math.max(...asked.map((message) => message.version))
  const current = asked.filter((message) => message.version === version)
  const cover = current.find(isCover) ?? null
  const numbered = [...current.filter((message) => message !== cover)].sort((a, b) => (a.number ?? 0) - (b.number ?? 0))
  const kept = numbered.filter((message, i) => message.number === null || message.number !== numbered[i - 1]?.number)
  const patches = kept.map((message) => ({ message, files: filesOf(message.body, message.place) }))
  const head = (cover ?? kept[0])!
  return {
    title: head.subject,
    head,
    version,
    cover,
    patches,
    passed: passedOver(messages, [...kept, ...(cover ? [cover] : [])], version),
    missing: cover !== null && kept.length === 0 ? [] : missingOf(kept),
    base: baseOf(current),
  }
}

const isCover = ({ number }: Message): boolean => number === 0

/** Cheap, and never wrong about a message without a diff: what is damaged is told when it is read. */
const hasDiff = ({ body }: Message): boolean => /^diff --(?:git|cc|combined) |^--- \S.*\n\+\+\+ \S/m.test(body)

function passedOver(messages: readonly Message[], kept: readonly Message[], version: number): Series['passed'] {
  return messages.flatMap((message) => {
    if (kept.includes(message)) return []
    if (message.reply) return [{ message, why: 'is an answer' }]
    if (!hasDiff(message) && !isCover(message)) return [{ message, why: 'has no diff' }]
    const why = message.version === version ? 'has the number of another one' : `is of version ${message.version}`
    return [{ message, why }]
  })
}

function missingOf(patches: readonly Message[]): readonly number[] {
  const total = patches[0]?.total ?? 0
  const there = new Set(patches.map(({ number }) => number))
  // A mail alone is a patch of a series whose others may be in the tree.
  if (patches.length < 2) return []
  return Array.from({ length: total }, (_, i) => i + 1).filter((number) => !there.has(number))
}

function baseOf(messages: readonly Message[]): string | null {
  const found = messages.map(({ body }) => /^base-commit: ([0-9a-f]{7,64})\s*$/m.exec(body)?.[1])
  return found.find((commit) => commit !== undefined) ?? null
}
