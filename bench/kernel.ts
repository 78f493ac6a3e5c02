/** What words of the kernel cost a search: the same threads and locks, with words and by hand, in turns. `npm run bench:kernel`. */

import { env, instantiate, oneOf, over, record, source, system, type Model } from '../src/index.js'
import { check } from '../src/check.js'
import { atRest, kernelOver, mutex } from '../src/kernel.js'

const n = 9
const rounds = 5
const names = Array.from({ length: n }, (_, i) => `t${i}`)
const rest = { question: 'How fast?', actors: { k: system('threads') }, resting: () => true } as const
const fields = Object.fromEntries(names.map((_, i) => [`m${i}`, mutex(names[i]!, names[(i + n - 1) % n]!)]))

/** Each thread takes its own lock and that of the next. */
function withWords(): Model {
  const state = record(fields)
  const { model, thread, call } = over(state)
  const locks = kernelOver(state)
  return model('words', {
    ...rest,
    initial: () => atRest(state),
    parts: () =>
      names.map((name, i) => {
        const [one, other] = [locks[`m${i}`]!, locks[`m${(i + 1) % n}`]!]
        return thread(name, { actor: 'k' }, call(source('a.c', 'f'), one.lock, other.lock, other.unlock, one.unlock))
      }),
  })
}

/** The same, as one would write it without. */
function byHand(): Model {
  const state = record(Object.fromEntries(names.map((_, i) => [`m${i}`, oneOf('free', ...names)])))
  const { model, thread, step } = over(state)
  const origin = env('by hand')
  return model('hand', {
    ...rest,
    initial: () => Object.fromEntries(names.map((_, i) => [`m${i}`, 'free'])),
    parts: () =>
      names.map((name, i) => {
        const [one, other] = [`m${i}`, `m${(i + 1) % n}`]
        return thread(
          name,
          { actor: 'k' },
          step('one', { origin, when: (s) => s[one] === 'free', then: (d) => void (d[one] = name) }),
          step('other', { origin, when: (s) => s[other] === 'free', then: (d) => void (d[other] = name) }),
          step('let_other', { origin, then: (d) => void (d[other] = 'free') }),
          step('let_one', { origin, then: (d) => void (d[one] = 'free') }),
        )
      }),
  })
}

/** CPU seconds of a search, and what it found. */
async function timed(model: Model): Promise<{ readonly seconds: number; readonly states: number }> {
  const made = instantiate(model)
  const before = process.cpuUsage()
  const { states } = await check(made, [])
  const { user, system: kernel } = process.cpuUsage(before)
  return { seconds: (user + kernel) / 1e6, states }
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!

const ratios: number[] = []
for (let round = 0; round <= rounds; round++) {
  const [hand, words] = [await timed(byHand()), await timed(withWords())]
  if (hand.states !== words.states) throw new Error(`${hand.states} and ${words.states} states are not the same model`)
  // The first round warms up.
  if (round > 0) ratios.push(words.seconds / hand.seconds)
  process.stdout.write(
    `${hand.states} states: by hand ${hand.seconds.toFixed(2)} s, with words ${words.seconds.toFixed(2)} s\n`,
  )
}
process.stdout.write(`with words / by hand, CPU time, median of ${rounds}: ${median(ratios).toFixed(2)}\n`)
