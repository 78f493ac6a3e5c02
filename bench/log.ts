/** Logs against models, measured: a long dmesg, and many observed events on a large space, narrow and wide. `npm run bench:log` */

import { Ear } from '../src/match/log/rules.js'
import { heardIn, outcomeOf } from '../src/match/log/outcome.js'
import { readLog } from '../src/match/log/read.js'
import { searched } from '../src/match/log/searched.js'
import { env, instantiate, int, over, record, system, type Model } from '../src/index.js'
import { logFileOf } from '../src/tell/logs.js'
import { instanceOf, loadProtocol, systemOf } from '../src/tell/protocol.js'

const seconds = async (what: () => Promise<string>): Promise<void> => {
  const cpu = process.cpuUsage()
  const from = performance.now()
  const says = await what()
  const used = process.cpuUsage(cpu)
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20)
  process.stdout.write(
    `${says}: ${((performance.now() - from) / 1000).toFixed(2)} s, ${((used.user + used.system) / 1e6).toFixed(2)} s CPU, ${memory} MiB\n`,
  )
}

/** A dmesg of 50,000 lines with one suspend in it that a device refuses. */
function dmesg(): string {
  const attempt = [
    'PM: suspend entry (deep)',
    'Freezing user space processes completed (elapsed 0.005 seconds)',
    'Freezing remaining freezable tasks completed (elapsed 0.001 seconds)',
    'x 0: PM: failed to suspend async: error -16',
    'PM: Some devices failed to suspend, or early wake event detected',
    'Restarting tasks: Done',
    'PM: suspend exit',
  ]
  return Array.from({ length: 50_000 }, (_, i) => {
    const text = attempt[i - 30_000] ?? `nvme nvme0: ${i}/0/0 default/read/poll queues`
    return `[${(i / 100).toFixed(6).padStart(12)}] ${text}`
  }).join('\n')
}

const state = record({ a: int(0, 999), b: int(0, 999) })
const { model, action } = over(state)

/** A thousand times a thousand states; `a` goes round and says so, `b` goes round unseen or along with it. */
const clocks = (wide: boolean): Model =>
  model('clocks', {
    question: 'What time is it?',
    actors: { clock: system('two hands') },
    initial: () => ({ a: 0, b: 0 }),
    parts: () => [
      action('tick', {
        actor: 'clock',
        origin: env('a tick that is heard'),
        log: 'tick',
        then: (d) => {
          if (d.a === 999) d.b = (d.b + 1) % 1000
          d.a = (d.a + 1) % 1000
        },
      }),
      ...(wide
        ? [
            action('turn', {
              actor: 'clock',
              origin: env('a turn that is not heard'),
              then: (d) => void (d.b = (d.b + 1) % 1000),
            }),
          ]
        : []),
    ],
  })

async function ticks(wide: boolean): Promise<string> {
  const made = clocks(wide)
  const found = await searched(instantiate(made))
  const ear = new Ear({ schema: 'thawproof/log-rules@1', protocol: 'clocks', rules: [] }, made)
  const heard = heardIn(ear, readLog('tick\n'.repeat(10_000)), {})
  const { verdict, matched } = await outcomeOf(found, ear, heard.heard, heard)
  return `10,000 events on ${found.graph.states} states, ${wide ? 'wide' : 'narrow'}: ${verdict}, ${matched} explained`
}

const protocol = await loadProtocol('pm-core')
await seconds(async () => {
  const found = await searched(systemOf(protocol, instanceOf(protocol, 'suspend')))
  const ear = new Ear(logFileOf(protocol), protocol.model)
  const heard = heardIn(ear, readLog(dmesg()), {})
  const { verdict } = await outcomeOf(found, ear, heard.heard, heard)
  return `50,000 lines of dmesg, ${heard.heard.length} heard by pm-core/suspend: ${verdict}`
})
await seconds(() => ticks(false))
await seconds(() => ticks(true))
