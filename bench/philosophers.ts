/** Dining philosophers, the last of whom reaches for the forks in the other order: the second protocol of the comparison. */

import { array, bool, env, int, over, parameter, propertiesOver, record, system } from '../src/index.js'

const parameters = { N: parameter(int(2, 16), 8, 'philosophers') }

const state = ({ N }: { N: number }) => record({ taken: array(N, bool()) })

const { model, thread, step } = over(state)

const origin = env('the dining philosophers')

export default model('philosophers', {
  question: 'Can the philosophers starve each other?',
  parameters,
  actors: { table: system('the philosophers') },
  initial: ({ N }) => ({ taken: Array.from({ length: N }, () => false) }),
  parts: ({ N }) => {
    const i = Array.from({ length: N }, (_, k) => k)
    const left = (k: number): number => (k === N - 1 ? 0 : k)
    const right = (k: number): number => (k === N - 1 ? k : k + 1)
    return [
      thread(
        'philosopher',
        { actor: 'table', for: { i } },
        step('think', { origin }),
        step('left', {
          origin,
          when: (s, { i }) => !s.taken[left(i)]!,
          then: (d, { i }) => void (d.taken[left(i)] = true),
        }),
        step('right', {
          origin,
          when: (s, { i }) => !s.taken[right(i)]!,
          then: (d, { i }) => void (d.taken[right(i)] = true),
        }),
        step('eat', { origin, then: (d, { i }) => void (d.taken[right(i)] = false) }),
        step('leave', { origin, then: (d, { i }) => void (d.taken[left(i)] = false), goto: 'think' }),
      ),
    ]
  },
})

const { always } = propertiesOver(state)

/** What the peers check too. */
export const properties = ({ N }: Readonly<Record<string, unknown>>) => {
  const names = Array.from({ length: N as number }, (_, k) => `philosopher(${k})`)
  return [
    always('no-neighbours', 'Two neighbours never eat at once.', (_, at) => {
      for (let k = 0; k < names.length; k++)
        if (at(names[k]!, 'eat') && at(names[(k + 1) % names.length]!, 'eat')) return false
      return true
    }),
  ]
}
