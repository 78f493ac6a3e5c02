/** A trace on a timeline, in Chrome's JSON that Perfetto reads: a track per actor, a millisecond per step, arrows for signals. */

import { actorsOf, decisiveSteps, targetOf, type Trace } from '../trace.js'

/** One event; times in microseconds. */
export interface TimelineEvent {
  readonly ph: 'M' | 'X' | 's' | 'f' | 'i'
  readonly pid: number
  readonly tid: number
  readonly name: string
  readonly ts?: number
  readonly dur?: number
  readonly [key: string]: unknown
}

/** Microseconds of one step, and how much of it the step takes. */
const step = 1000
const taken = 900

/** Writes a trace as events. */
export function timelineOf(trace: Trace): {
  readonly displayTimeUnit: 'ms'
  readonly traceEvents: readonly TimelineEvent[]
} {
  const actors = actorsOf(trace)
  const tidOf = (actor: string): number => actors.indexOf(actor) + 1
  const end = trace.steps.at(-1)
  const decisive = decisiveSteps(trace)
  return {
    displayTimeUnit: 'ms',
    traceEvents: [
      { ph: 'M', pid: 1, tid: 0, name: 'process_name', args: { name: targetOf(trace) } },
      ...actors.map((name): TimelineEvent => ({
        ph: 'M',
        pid: 1,
        tid: tidOf(name),
        name: 'thread_name',
        args: { name },
      })),
      ...trace.steps.flatMap((one, i): TimelineEvent[] => {
        const here = { pid: 1, tid: tidOf(one.actor), cat: 'step' }
        const args = {
          step: i + 1,
          origin: one.origin.kind === 'source' ? `${one.origin.file}:${one.origin.symbol}` : one.origin.says,
          changes: Object.fromEntries(one.changes.map(({ field, before, after }) => [field, [before, after]])),
          ...(one.log.length > 0 && { log: one.log }),
          ...(decisive.includes(i + 1) && { decisive: true }),
        }
        const own: TimelineEvent = { ph: 'X', ...here, name: one.name, ts: i * step, dur: taken, args }
        if (one.signals === null || one.signals === one.actor) return [own]
        const flow = { pid: 1, cat: 'signal', name: 'signals', id: i + 1 }
        const heard = { pid: 1, tid: tidOf(one.signals), cat: 'signal' }
        return [
          own,
          { ph: 's', ...flow, tid: here.tid, ts: i * step + taken / 2 },
          { ph: 'X', ...heard, name: `signalled by ${one.actor}`, ts: i * step + taken / 2, dur: taken / 4 },
          { ph: 'f', bp: 'e', ...flow, tid: heard.tid, ts: i * step + taken / 2 },
        ]
      }),
      ...(end
        ? [
            {
              ph: 'i' as const,
              pid: 1,
              tid: tidOf(end.actor),
              name: trace.ends === 'arrives' ? trace.property : `${trace.property} is ${trace.verdict}`,
              ts: (trace.steps.length - 1) * step + taken,
              s: 'g',
              args: { required: trace.says },
            },
          ]
        : []),
    ],
  }
}
