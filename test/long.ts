/** A protocol whose shortest counterexample takes 40 steps of six actors over twelve variables, for what has to stay readable. */

import { check } from '../src/search/check.js'
import { inevitabilities } from '../src/ask/inevitability.js'
import { toldRun } from '../src/ask/fewest-switches.js'
import { array, bool, int, oneOf, record } from '../src/write/domain.js'
import { env, instantiate, over, propertiesOver, source, system } from '../src/index.js'
import { traceOf, type Trace } from '../src/tell/trace.js'

const state = record({
  request: oneOf('none', 'suspend-with-checkpoint', 'resume-in-the-same-domain'),
  tasks: oneOf('running', 'frozen by the process freezer'),
  devices: array(
    2,
    record({
      pm: oneOf('on', 'suspended', 'resumed early'),
      ring: int(0, 7),
      grant: oneOf('free', 'mapped by backend'),
    }),
  ),
  locks: int(0, 7),
  irqs: bool(),
  watches: int(0, 40),
  last_error_that_was_returned: oneOf('none', 'EAGAIN', 'EBUSY'),
})
const { model, thread, step } = over(state)

const actors = ['toolstack', 'guest-kernel', 'xenwatch', 'xenstored', 'blkfront', 'blkback'] as const
const rounds = 40

/** Each step hands on to the next actor; what it does comes from its number. */
const relay = (i: number) =>
  step(`dpm_resume_device_number_${i}`, {
    origin:
      i % 4 === 3
        ? env('the host decides, at a time of its own')
        : source(
            `drivers/block/a/rather/deep/folder/${actors[i % 6]!}.c`,
            `${actors[i % 6]!.replace('-', '_')}_resume_${i}`,
          ),
    signals: actors[(i * 5 + 1) % 6]!,
    when: (s) => s.watches === i,
    then: (d) => {
      d.watches++
      const device = d.devices[i % 2]!
      if (i % 3 === 0) device.pm = device.pm === 'on' ? 'suspended' : 'on'
      if (i % 5 === 0) device.ring = (device.ring + 1) % 8
      if (i % 7 === 0) device.grant = device.grant === 'free' ? 'mapped by backend' : 'free'
      if (i % 11 === 0) d.locks = (d.locks + 1) % 8
      if (i === 20) d.last_error_that_was_returned = 'EBUSY'
      if (i === 30) d.tasks = 'frozen by the process freezer'
    },
    ...(i % 10 === 9 && { log: `vbd vbd-5171${i}: legacy resume, and WARNING: leaking g.e. and page still in use!` }),
    ...(i === 5 && { provoke: 'pull the cable while the guest is being checkpointed' }),
  })

const long = instantiate(
  model('long', {
    question: 'Does a long story stay readable?',
    actors: Object.fromEntries(actors.map((name) => [name, system(`the ${name}`)])),
    initial: () => ({
      request: 'none',
      tasks: 'running',
      devices: [
        { pm: 'on', ring: 0, grant: 'free' },
        { pm: 'on', ring: 0, grant: 'free' },
      ],
      locks: 0,
      irqs: true,
      watches: 0,
      last_error_that_was_returned: 'none',
    }),
    parts: () =>
      actors.map((actor, of) =>
        thread(
          actor,
          { actor },
          ...Array.from({ length: rounds }, (_, i) => i)
            .filter((i) => i % 6 === of)
            .map(relay),
        ),
      ),
    resting: (s) => s.watches === rounds,
  }),
)
const property = propertiesOver(state).always(
  'comes-to-an-end-safely',
  'Whoever froze the tasks has thawed them when the last watch has fired, whatever error was returned on the way.',
  {
    when: (s) => s.watches === rounds,
    holds: (s) => s.tasks === 'running' || s.last_error_that_was_returned === 'none',
  },
)

/** The counterexample, as `thawproof trace` makes it. */
export async function longTrace(): Promise<Trace> {
  const { verdicts } = await check(long, [property])
  const verdict = verdicts.find((one) => one.property === property.name)!
  const run = toldRun(verdict)!
  const [doomed] = await inevitabilities(long, [{ run, property }])
  return traceOf({ instance: 'stretched', verdict, run, property, doomed: doomed! })
}
