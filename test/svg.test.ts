/** Sequence diagrams: complete, legible in light and dark, and marked where the run turns. */

import assert from 'node:assert/strict'
import { svgOf } from '../src/tell/formats/svg.js'
import { decisiveSteps, fatefulStep, type Trace } from '../src/tell/trace.js'
import { longTrace } from './long.js'
import { shownTrace } from './shown.js'

/** A piece of text of a diagram. */
interface Piece {
  readonly x: number
  readonly y: number
  readonly kind: string
  readonly says: string
}

/** The pieces of text of a diagram, from top to bottom. */
const texts = (svg: string): readonly Piece[] =>
  [...svg.matchAll(/<g class="(\w+)"(?: transform="translate\((\d+)\)")?>(.*?)<\/g>/g)]
    .flatMap(([, kind, column, inner]) =>
      [...inner!.matchAll(/<text(?: x="(\d+)")? y="(\d+)">([^<]*)<\/text>/g)].map(([, x, y, says]) => ({
        x: Number(x ?? column),
        y: Number(y),
        kind: kind!,
        says: says!.replace(/&\w+;/g, '-'),
      })),
    )
    .sort((a, b) => a.y - b.y)

const saying = (svg: string, kind: string): readonly string[] =>
  texts(svg)
    .filter((piece) => piece.kind === kind)
    .map(({ says }) => says)

/** How many lines of a kind there are: arrows, rings, bars. */
const lines = (svg: string, kind: string): number =>
  new RegExp(`<path class="${kind}" d="([^"]*)"`).exec(svg)?.[1]?.match(/M/g)?.length ?? 0

const traceOf = async (...named: Parameters<typeof shownTrace>): Promise<Trace> => (await shownTrace(...named)).trace

describe('a sequence diagram', function () {
  this.timeout(120_000)

  it('has a numbered step per row, arrows to whom it signals, and the last step marked', async () => {
    const trace = await traceOf('xen-pv-guest', 'B01', 'no-revoke-in-use')
    const svg = svgOf(trace)
    assert.equal(lines(svg, 'arrow'), trace.steps.filter(({ signals }) => signals !== null).length)
    assert.equal(lines(svg, 'last'), 1)
    assert.match(svg, /required: A frontend ends access to a ring grant/)
    assert.match(svg, /prefers-color-scheme:dark/)
    assert.deepEqual(saying(svg, 'heading'), ['no-revoke-in-use is violated in 12 steps'])
    assert.deepEqual(saying(svg, 'soft')[0], 'xen-pv-guest/B01')
    assert.deepEqual(
      saying(svg, 'step'),
      trace.steps.map(({ name }, i) => `${String(i + 1).padStart(2)} ${name}`),
    )
    assert.equal(svg, svgOf(trace))
  })

  it('marks the point of no return where there is one, and only there', async () => {
    const trace = await traceOf('xen-domain-freeze', 'S16', 'never-negative')
    assert.doesNotMatch(svgOf({ ...trace, doomed: null }), /class="turn"/)
    assert.doesNotMatch(svgOf({ ...trace, doomed: trace.steps.length }), /class="turn"/)
    assert.equal(fatefulStep(trace) !== null, svgOf(trace).includes('class="turn"'))
    const turned = svgOf({ ...trace, doomed: 3 })
    assert.match(turned, /<path class="turn"/)
    assert.match(turned, /the point of no return: from here on/)
    const at = (text: string): number => texts(turned).find(({ says }) => says.startsWith(text))!.y
    assert.ok(at(' 3 ') < at('the point') && at('the point') < at(' 4 '))
    assert.match(svgOf({ ...trace, doomed: 0 }), /from the start it cannot be avoided/)
    const set = decisiveSteps(trace).filter((step) => step !== trace.steps.length)
    assert.equal(lines(turned, 'set'), set.length)
  })

  it('of a run that goes round for ever has no last step, and says where it goes round', async () => {
    const trace = await traceOf('xen-arm-control', 'S4', 'backend-resumed')
    const { loop, ends } = trace
    assert.equal(ends, 'loops')
    const svg = svgOf(trace)
    assert.equal(lines(svg, 'last'), 0)
    assert.deepEqual(saying(svg, 'log').slice(-2), [
      '↻ from here it goes round for ever',
      `↻ and back to step ${loop! + 1}`,
    ])
    assert.match(svg, new RegExp(`>${trace.why!.split('; ')[0]!}<`))
  })

  it('says how a run stops: for good, with a goal out of reach, or with the step that breaks what is required', async () => {
    const ended = async (id: string, property: string): Promise<{ trace: Trace; svg: string }> => {
      const trace = await traceOf('idle-offline', id, property)
      return { trace, svg: svgOf(trace) }
    }
    const dead = await ended('X11', 'no-deadlock')
    assert.equal(dead.trace.ends, 'stops')
    assert.deepEqual(saying(dead.svg, 'bad').slice(-1), ['■ here it stops, for good'])
    assert.match(dead.svg, />nothing can happen after its last step</)
    const lost = await ended('X11', 'cpu-dies')
    assert.equal(lost.trace.ends, 'lost')
    assert.deepEqual(saying(lost.svg, 'bad').slice(-1), ['from here on, whatever happens, the goal is out of reach'])
    const never = await ended('never-halts', 'can-sleep')
    assert.equal(never.trace.ends, 'misses')
    assert.match(never.svg, /can-sleep is violated: no run gets there/)
    assert.match(never.svg, /an example, as short as can be/)
    for (const { trace, svg } of [dead, lost, never]) {
      assert.equal(lines(svg, 'last'), 0)
      assert.equal(lines(svg, 'stop'), trace.loop === null && trace.ends !== 'lost' ? saying(svg, 'actor').length : 0)
    }
  })

  it('keeps every text inside of its width and on a line of its own, in long runs too', async () => {
    for (const trace of [
      await traceOf('xen-pv-guest', 'B01'),
      await traceOf('virtio-vsock', 'V3'),
      await traceOf('xen-arm-control', 'S4', 'backend-resumed'),
      await longTrace(),
    ]) {
      const svg = svgOf(trace)
      const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number)
      const left = texts(svg).filter(({ kind }) => !['actor', 'origin'].includes(kind))
      for (const { x, y, says } of left) {
        assert.ok(x + says.length * 7.3 <= width!, says)
        assert.ok(y < height!, says)
      }
      left.slice(1).forEach(({ y, says }, i) => assert.ok(y - left[i]!.y >= 15.9, says))
    }
  })
})
