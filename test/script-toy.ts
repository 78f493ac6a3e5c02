/** A toy that a script makes do one thing after the other: what the templates are tried on. */

import { bool, env, instantiate, int, oneOf, over, record, system } from '../src/index.js'

const origin = env('a toy')
/** What the toy is made of. */
export const state = record({
  phase: oneOf('idle', 'trying', 'asleep'),
  frozen: bool(),
  flight: bool(),
  a: bool(),
  b: bool(),
  pending: bool(),
  owner: oneOf('a', 'b'),
  count: int(-1, 2),
})
const { model, thread, step, patch, edit } = over(state)

/** A state of the toy. */
export type Toy = { -readonly [K in keyof typeof first]: (typeof first)[K] }
const first = {
  phase: 'idle' as 'idle' | 'trying' | 'asleep',
  frozen: false,
  flight: false,
  a: true,
  b: true,
  pending: false,
  owner: 'a' as 'a' | 'b',
  count: 0,
}

/** What a script can do; a step `name-anything` does what `name` does. */
const acts: Readonly<Record<string, (d: Toy) => void>> = {
  begin: (d) => void (d.phase = 'trying'),
  finish: (d) => void (d.phase = 'idle'),
  sleep: (d) => void (d.phase = 'asleep'),
  freeze: (d) => void (d.frozen = true),
  thaw: (d) => void (d.frozen = false),
  send: (d) => void (d.flight = true),
  drain: (d) => void (d.flight = false),
  stopA: (d) => void (d.a = false),
  startA: (d) => void (d.a = true),
  stopB: (d) => void (d.b = false),
  startB: (d) => void (d.b = true),
  wake: (d) => void (d.pending = true),
  handle: (d) => void (d.pending = false),
  take: (d) => void (d.owner = 'b'),
  giveBack: (d) => void (d.owner = 'a'),
  up: (d) => void d.count++,
  down: (d) => void d.count--,
  upTwice: (d) => void (d.count += 2),
  startAndThaw: (d) => void Object.assign(d, { a: true, frozen: false }),
}

/** A thread that does one thing after the other, then rests. */
export const scripted = (script: string) =>
  instantiate(
    model('script', {
      question: 'Is this script all right?',
      actors: { pm: system('runs the script') },
      initial: () => ({ ...first }),
      parts: () => [
        thread(
          'pm',
          { actor: 'pm' },
          ...script.split(' ').map((name) => step(name, { origin, then: acts[name.replace(/-.*/, '')] ?? (() => {}) })),
        ),
      ],
      resting: () => true,
      // Never applied: it says what the steps of other scripts are called, of which a template may ask.
      patches: [
        patch('other-scripts', {
          kind: 'fault',
          says: 'Other scripts do other things.',
          edits: [
            edit.add(
              thread(
                'pm',
                { actor: 'pm' },
                ...[...Object.keys(acts), 'ok', 'fails']
                  .flatMap((name) => [name, `${name}-2`])
                  .map((name) => step(name, { origin })),
              ),
            ),
          ],
        }),
      ],
    }),
  )

/** A selector for the steps of a script by what they do. */
export const on = (...names: readonly string[]): string[] => names.flatMap((name) => [`pm.${name}`, `pm.${name}-*`])
