/** A bridge with one lane on a round road of eight places: two cars each way, served in the order of their arrival. */

import { array, env, int, list, over, propertiesOver, record, system } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const first = 1
const last = 8
const bridge = [4, 5]
/** Cars 0 and 1 drive down the numbers, 2 and 3 up. */
const cars = upTo(4)
const down = (car: number): boolean => car < 2

const state = record({ place: array(4, int(first, last)), waiting: list(4, int(0, 3)) })
const { model, action } = over(state)
const { always } = propertiesOver(state)
const origin = env('the road')

const ahead = (place: readonly number[], car: number): number => {
  const here = place[car]!
  if (down(car)) return here > first ? here - 1 : last
  return here < last ? here + 1 : first
}
const onBridge = (place: readonly number[]): number[] => cars.filter((car) => bridge.includes(place[car]!))
const free = (place: readonly number[], car: number): boolean => !place.includes(ahead(place, car))

function drive(d: { place: number[]; waiting: number[] }, car: number): void {
  d.place[car] = ahead(d.place, car)
  if (d.place[car] === (down(car) ? 6 : 3)) d.waiting.push(car)
}

const enter: Record<'empty' | 'behind', (place: readonly number[], car: number) => boolean> = {
  /** Onto an empty bridge. */
  empty: (place) => onBridge(place).length === 0,
  /** Behind cars of the same direction. */
  behind: (place, car) =>
    !onBridge(place).includes(car) && onBridge(place).every((other) => down(other) === down(car)) && free(place, car),
}

const road = model('single-lane-bridge', {
  question: 'Do cars of both directions never meet on the bridge?',
  actors: { car: system('drives'), light: system('lets the next car onto the bridge') },
  initial: () => ({ place: [last, last, first, first], waiting: [] }),
  parts: () => [
    // The original offers this step once for every car, whichever of them enters.
    action('enter', {
      actor: 'light',
      origin,
      for: { asked: cars, how: ['empty', 'behind'] },
      when: (s, { how }) => s.waiting.length > 0 && enter[how](s.place, s.waiting[0]!),
      then: (d) => {
        const car = d.waiting.shift()!
        d.place[car] = ahead(d.place, car)
      },
    }),
    action('outside', {
      actor: 'car',
      origin,
      for: { car: cars },
      when: (s, { car }) => !bridge.includes(ahead(s.place, car)),
      then: (d, { car }) => drive(d, car),
    }),
    action('on-the-bridge', {
      actor: 'car',
      origin,
      for: { car: cars },
      when: (s, { car }) => bridge.includes(s.place[car]!) && free(s.place, car),
      then: (d, { car }) => drive(d, car),
    }),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Single-lane bridge',
    source: 'tlaplus/Examples SingleLaneBridge, re-run with TLC: 3,605 distinct, 20,181 generated, depth 29',
    model: road,
    properties: [
      always(
        'one-way',
        'Cars on the bridge all drive the same way.',
        (s) => new Set(onBridge(s.place).map(down)).size <= 1,
      ),
      always('no-crash', 'No two cars are at one place of the bridge.', (s) => {
        const places = onBridge(s.place).map((car) => s.place[car])
        return new Set(places).size === places.length
      }),
    ],
    states: 3605,
    transitions: 20180,
    depth: 28,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'one-way': 'holds', 'no-crash': 'holds' },
  },
]
