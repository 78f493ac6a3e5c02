/** Mail decoded: a mail, an mbox in any of its forms, a bare diff; to messages with a subject, a body and a place in a series. */

import PostalMime, { type Email } from 'postal-mime'
import { Mistake } from '../../write/mistake.js'

/** One message. */
export interface Message {
  /** Where it is, for errors: `series.mbox, message 3`. */
  readonly place: string
  /** Without the marks in brackets. */
  readonly subject: string
  /** As it stands in the mail, marks included. */
  readonly heading: string
  readonly from: string
  /** Its Message-ID without angle brackets; null if it has none. */
  readonly id: string | null
  /** Decoded, lines ended by `\n` alone; patches that are attached follow the text. */
  readonly body: string
  /** Whether it answers another one, or sends one on. */
  readonly reply: boolean
  /** `[PATCH v3 2/5]` as 3, 2 and 5. Absent: 1, and null. */
  readonly version: number
  readonly number: number | null
  readonly total: number | null
}

/** A separator of an mbox ends in a year. */
const separator = /^From \S+ .*\d{4}\s*$/
const header = /^[A-Za-z][A-Za-z0-9-]*:(?:\s|$)/

/**
 * Messages of a file, in order. What begins like a diff is one message without headers; everything else is mail.
 * @param name what errors call it. @throws Mistake for what is neither, or empty.
 */
export async function messagesOf(bytes: Uint8Array, name: string): Promise<readonly Message[]> {
  // Every byte is one sign: the parts are cut here, and only the decoder knows in which charset each one is.
  const text = Buffer.from(bytes).toString('latin1')
  if (text.trim() === '') throw new Mistake(name, 'is empty', 'give it a patch mail, an mbox or a diff')
  if (/^(?:diff --git |--- \S)/.test(text)) return [bare(Buffer.from(bytes).toString('utf8'), name)]
  const mails = split(text)
  const head = mails[0]!.slice(0, mails[0]!.search(/\r?\n/) + 1 || undefined).trimEnd()
  if (!header.test(head))
    throw new Mistake(name, 'is neither a mail, nor an mbox, nor a diff', `its first line is: ${head.slice(0, 60)}`)
  return Promise.all(mails.map((mail, i) => decoded(mail, mails.length === 1 ? name : `${name}, message ${i + 1}`)))
}

const bare = (text: string, place: string): Message => ({
  place,
  subject: place,
  heading: place,
  from: '',
  id: null,
  body: unix(text),
  reply: false,
  version: 1,
  number: null,
  total: null,
})

/**
 * The mails of an mbox. A line of text can begin with `From `, too: a separator has a year at its end and a header behind
 * it. The mbox that `b4 am` writes escapes nothing; the one that says mboxrd in its separators escapes every such line.
 */
function split(text: string): string[] {
  const lines = text.split('\n')
  const starts = lines.flatMap((line, i) => (separator.test(line) && header.test(lines[i + 1] ?? '') ? [i] : []))
  if (starts[0] !== 0) return [text]
  const escaped = lines[0]!.startsWith('From mboxrd@z ')
  return starts.map((from, k) => {
    const own = lines.slice(from + 1, starts[k + 1])
    return (escaped ? own.map((line) => line.replace(/^>(>*From )/, '$1')) : own).join('\n')
  })
}

async function decoded(mail: string, place: string): Promise<Message> {
  let email: Email
  try {
    email = await new PostalMime().parse(Buffer.from(mail, 'latin1'))
  } catch (cause) {
    throw new Mistake(place, `cannot be decoded: ${(cause as Error).message}`, 'save the mail anew', { cause })
  }
  const attached = email.attachments.filter(isPatch).map(({ content }) => textOf(content))
  const subject = (email.subject ?? '').replace(/\s+/g, ' ').trim()
  return {
    place,
    ...placed(subject),
    heading: subject,
    from: email.from?.address ?? '',
    id: email.messageId?.replace(/^<|>$/g, '') ?? null,
    body: unix([email.text ?? '', ...attached].join('\n')),
  }
}

type Attachment = Email['attachments'][number]

const isPatch = ({ filename, mimeType }: Attachment): boolean =>
  /\.(?:patch|diff)$/.test(filename ?? '') || /^text\/x-(?:patch|diff)$/.test(mimeType)

const textOf = (content: Attachment['content']): string =>
  typeof content === 'string' ? content : Buffer.from(content as Uint8Array).toString('utf8')

const unix = (text: string): string => text.replace(/\r\n/g, '\n')

/** What a subject says beside its words: marks in brackets in front, and whether it is an answer. */
function placed(whole: string): Pick<Message, 'subject' | 'reply' | 'version' | 'number' | 'total'> {
  const reply = /^(?:re|aw|fwd?):/i.test(whole)
  const [, marks = '', subject = ''] = /^((?:\s*(?:(?:re|aw|fwd?):|\[[^\]]*\]))*)\s*(.*)$/i.exec(whole) ?? []
  const [, version = '1'] = /\bv(\d{1,3})\b/i.exec(marks) ?? []
  const [, number, total] = /\b(\d{1,4})\/(\d{1,4})\b/.exec(marks) ?? []
  return {
    subject: subject || whole || '(no subject)',
    reply,
    version: Number(version),
    number: number === undefined ? null : Number(number),
    total: total === undefined ? null : Number(total),
  }
}
