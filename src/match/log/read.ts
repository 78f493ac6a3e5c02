/** Logs as people post them: what transports, mailers and shells put around a message is taken off, and told apart from it. */

/** Who prints: a kernel, a kernel's tracer, QEMU's tracer, Xen's console. What looks like nothing else is a kernel's, or a tool's. */
export type Dialect = 'kernel' | 'trace' | 'qemu' | 'xen'

/** One message of a log. */
export interface LogLine {
  /** Number of its line in the file, from 1. */
  readonly number: number
  /** The message alone. */
  readonly text: string
  /**
   * The message with the next line, where a mailer may have broken it in two; of the head of a stack dump, `stack of TASK: ` and the
   * functions, innermost first.
   */
  readonly joined?: string
  /** Seconds by the clock of the machine that printed it, where it says. */
  readonly stamp: number | null
  /** The processor that printed it, where it says. */
  readonly cpu: number | null
  /** Severity from 0 to 7, where it says. */
  readonly level: number | null
  /** Who prints like that. */
  readonly dialect: Dialect
  /** Which boot it is of, from 0. */
  readonly boot: number
  /** Lines may be missing right before it: the log says so. */
  readonly gap: boolean
}

/** A log, and what is odd about it. */
export interface Log {
  /** Every line with a message, in order. */
  readonly lines: readonly LogLine[]
  /** How many boots it is of. */
  readonly boots: number
  /** Lines that say that others are missing. */
  readonly gaps: number
  /** Messages whose stamp is before that of the message above them, in the same boot. */
  readonly backwards: number
}

/** What was taken off a line. */
interface Taken {
  text: string
  stamp: number | null
  cpu: number | null
  level: number | null
  dialect: Dialect
  /** Whether anything was: it begins like a message. */
  begun: boolean
}

/** How a prefix looks, what it tells, and whether it counts only behind another: `host kernel: ` behind a date. */
type Prefix = readonly [RegExp, (taken: Taken, groups: Readonly<Record<string, string>>) => void, 'behind'?]

/** What is put before a message, outermost first; each at most once. */
const prefixes: readonly Prefix[] = [
  [/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?: UTC)?\s+/, () => undefined],
  [/^(?:[A-Z]\S{2,4} +\d{1,2} |\S{2,4} [A-Z]\S{2} +\d{1,2} )\d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?\s+/, () => undefined],
  [/^\d\d:\d\d:\d\d(?:\.\d+)?\s+/, () => undefined],
  [/^(?:(?!\[)\S+ )?kernel: /, () => undefined, 'behind'],
  [/^\S+ [\w./@-]+\[\d+\]: /, () => undefined, 'behind'],
  [/^<(?<level>\d{1,3})>/, (taken, { level }) => void (taken.level = Number(level) & 7)],
  [/^\(XEN\) /, (taken) => void (taken.dialect = 'xen')],
  [/^\[\s*(?<stamp>\d+\.\d+)\](?:\s?\[\s*[TC]\d+\])? ?/, (taken, { stamp }) => void (taken.stamp = Number(stamp))],
  [/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\] ?/, () => undefined],
  [
    // ftrace: comm-pid (tgid) [cpu] flags stamp:
    /^\s*(?:<\.\.\.>|\S.{0,15}?)-\d+\s+(?:\(\s*[\d-]+\)\s+)?\[(?<cpu>\d+)\]\s+\S{4,5}\s+(?<stamp>\d+\.\d+):\s+/,
    (taken, { cpu, stamp }) =>
      Object.assign(taken, { cpu: Number(cpu), stamp: Number(stamp), dialect: 'trace' satisfies Dialect }),
  ],
  [
    // function_graph: stamp | cpu) task | duration | comment
    /^\s*(?:(?<stamp>\d+\.\d+) \|\s+)?(?<cpu>\d+)\)\s+(?:\S.{0,20}?-\d+\s+\|\s+)?[^|]*\|\s+/,
    (taken, { cpu, stamp }) =>
      Object.assign(taken, {
        cpu: Number(cpu),
        dialect: 'trace' satisfies Dialect,
        ...(stamp !== undefined && { stamp: Number(stamp) }),
      }),
  ],
  [
    /^\d+@(?<stamp>\d+\.\d+):/,
    (taken, { stamp }) => Object.assign(taken, { stamp: Number(stamp), dialect: 'qemu' satisfies Dialect }),
  ],
]

/** An event without anything before it: what `tp_printk` prints, and a tracer without stamps. */
const event = /^\s*(?:suspend_resume|device_pm_callback_\w+|wakeup_source_\w+): /
const qemuEvent = /^\s*(?:virtio|virtqueue)_\w+ /

const dropped =
  /printk messages dropped|messages? (?:were )?(?:dropped|suppressed|lost)|\[LOST \d+ EVENTS\]|Missed \d+ kernel messages|callbacks suppressed/i
const reboot = /^(?:Linux version \d|-- Reboot --|-- Boot [0-9a-f]{32})/

/** Characters from which on a line may have been broken by a mailer. */
const broken = 56

/** The beginning of a dump of a task's stack, and a line of it: `stack of NAME: function function` is made of them. */
const stackOf = /^(?:task:(?<task>\S+) +state:\S|INFO: task (?<blocked>\S+):\d+ blocked for more than)/
const stackLine =
  /^(?:\? )?(?:\[<[0-9a-f]+>\] )?(?:\? )?(?<called>[A-Za-z_][\w.]*)\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \[\w+\])?$/
const stackFiller =
  /^(?:Call Trace:|<TASK>|<\/TASK>|Tainted: |Not tainted |"echo 0 > |Workqueue: |task:|Hardware name: )/

/** Reads a log. Linear in its length; nothing in it is a mistake: what is no message is a line that nobody knows. */
export function readLog(text: string): Log {
  const lines: LogLine[] = []
  let [boot, gaps, backwards, gap] = [0, 0, 0, false]
  let before: { readonly raw: string; readonly begun: boolean } | undefined
  let last: number | null = null
  let stack: { readonly at: number; readonly task: string; readonly called: string[] } | undefined
  const endStack = (): void => {
    if (stack && stack.called.length > 0)
      lines[stack.at] = { ...lines[stack.at]!, joined: `stack of ${stack.task}: ${stack.called.join(' ')}` }
    stack = undefined
  }
  for (const [i, whole] of text.split('\n').entries()) {
    const raw = plain(whole)
    const taken = taking(raw)
    // A remark of whoever keeps the log, or a tracer's own heading.
    if (taken.text === '' || raw.startsWith('#')) {
      before = undefined
      continue
    }
    if (dropped.test(taken.text)) {
      gaps++
      gap = true
    }
    if (reboot.test(taken.text) && lines.length > 0) {
      boot++
      last = null
    }
    if (taken.stamp !== null) {
      if (last !== null && taken.stamp < last) backwards++
      last = taken.stamp
    }
    if (before?.begun && !taken.begun && before.raw.length >= broken) {
      const above = lines[lines.length - 1]!
      lines[lines.length - 1] = { ...above, joined: `${above.text} ${taken.text}` }
    }
    const called = stack && stackLine.exec(taken.text)?.groups!.called
    const task = stackOf.exec(taken.text)?.groups
    if (called !== undefined) stack!.called.push(called)
    else if (task && stack?.called.length !== 0) endStack()
    else if (stack && !stackFiller.test(taken.text)) endStack()
    if (task && !stack) stack = { at: lines.length, task: (task.task ?? task.blocked)!, called: [] }
    lines.push({
      number: i + 1,
      text: taken.text,
      stamp: taken.stamp,
      cpu: taken.cpu,
      level: taken.level,
      dialect: taken.dialect,
      boot,
      gap,
    })
    if (!dropped.test(taken.text)) gap = false
    before = { raw, begun: taken.begun }
  }
  endStack()
  return { lines, boots: boot + 1, gaps, backwards }
}

/** A line without what mailers and terminals add. */
const plain = (line: string): string =>
  line
    .replace(/\r+$/, '')

    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/^(?:[>|] ?)+(?=\S|$)/, '')
    .replaceAll('\u00a0', ' ')

function taking(raw: string): Taken {
  const journal = raw.startsWith('{') ? fromJournal(raw) : undefined
  if (journal) return journal
  const taken: Taken = { text: raw, stamp: null, cpu: null, level: null, dialect: 'kernel', begun: false }
  for (const [prefix, note, where] of prefixes) {
    const match = where === 'behind' && !taken.begun ? null : prefix.exec(taken.text)
    if (!match) continue
    note(taken, match.groups ?? {})
    taken.text = taken.text.slice(match[0].length)
    taken.begun = true
  }
  if (event.test(taken.text)) Object.assign(taken, { begun: true, dialect: 'trace' satisfies Dialect })
  if (qemuEvent.test(taken.text)) Object.assign(taken, { begun: true, dialect: 'qemu' satisfies Dialect })
  taken.text = taken.text.replace(/^\s*\/\* (.*?) \*\/\s*$/, '$1').trim()
  return taken
}

/** An entry of `journalctl -o json`. */
function fromJournal(raw: string): Taken | undefined {
  let entry: Readonly<Record<string, unknown>>
  try {
    entry = JSON.parse(raw) as typeof entry
  } catch {
    return undefined
  }
  const message = entry.MESSAGE
  const text = Array.isArray(message) ? Buffer.from(message as number[]).toString('utf8') : message
  if (typeof text !== 'string') return undefined
  const micros = Number(entry._SOURCE_MONOTONIC_TIMESTAMP ?? entry.__MONOTONIC_TIMESTAMP ?? NaN)
  const level = Number(entry.PRIORITY ?? NaN)
  return {
    text: text.trim(),
    stamp: Number.isFinite(micros) ? micros / 1e6 : null,
    cpu: null,
    level: Number.isFinite(level) ? level : null,
    dialect: 'kernel',
    begun: true,
  }
}

/** A message without what tells who somebody is: addresses of mail, of networks and of machines, and names of users. */
export const anonymous = (text: string): string =>
  text
    .replace(/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, 'USER@HOST')
    .replace(/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi, 'xx:xx:xx:xx:xx:xx')
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, 'a.b.c.d')
    .replace(/\/home\/[^/\s]+/g, '/home/USER')
