/** Sequence diagrams: complete, legible in light and dark, and marked where the run turns. */

import assert from 'node:assert/strict'
import { palette, svgOf } from '../src/tell/formats/svg.js'
import { traceOfBug } from '../src/tell/pages/bugs.js'
import { instanceOf, loadProtocol } from '../src/tell/protocol.js'
import { decisiveSteps, fatefulStep, type Trace } from '../src/tell/trace.js'
import { longTrace } from './long.js'

/** WCAG 2, relative luminance and contrast. */
const luminance = (colour: string): number =>
  [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i]!, 0)
const contrast = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

/** The pieces of text of a diagram. */
const texts = (svg: string): { x: number; y: number; kind: string; says: string }[] =>
  [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" class="([a-z ]*)">([^<]*)<\/text>/g)].map(
    ([, x, y, kind, says]) => ({ x: Number(x), y: Number(y), kind: kind!, says: says!.replace(/&\w+;/g, '-') }),
  )

async function traceOf(protocol: string, id: string): Promise<Trace> {
  const loaded = await loadProtocol(protocol)
  return (await traceOfBug(loaded, instanceOf(loaded, id)))!
}

describe('a sequence diagram', function () {
  this.timeout(120_000)

  it('has colours that are legible on its own paper, in light and in dark', () => {
    for (const shade of [0, 1]) {
      for (const paper of [palette.paper[shade]!, palette.band[shade]!])
        for (const kind of ['ink', 'soft', 'change', 'log', 'bad'] as const)
          assert.ok(contrast(palette[kind][shade]!, paper) >= 4.5, `${kind} on ${paper}`)
      assert.ok(contrast(palette.lane[shade]!, palette.paper[shade]!) >= 3, 'lane')
      assert.ok(contrast(palette.paper[shade]!, palette.bad[shade]!) >= 4.5, 'the number of the last step')
    }
  })

  it('has a numbered step per row, arrows to whom it signals, and the last step marked', async () => {
    const trace = await traceOf('xen-pv-guest', 'B01')
    const svg = svgOf(trace)
    const told = texts(svg)
    const numbers = told.filter(({ kind }) => kind.startsWith('mid') && kind !== 'mid actor').map(({ says }) => says)
    assert.deepEqual(
      numbers.slice(-trace.steps.length),
      trace.steps.map((_, i) => String(i + 1)),
    )
    assert.equal(svg.match(/class="arrow"/g)?.length, trace.steps.filter(({ signals }) => signals !== null).length)
    assert.equal(svg.match(/class="dot last"/g)?.length, 1)
    assert.match(svg, /class="mid on">12<\/text>/)
    assert.match(svg, /required: A frontend ends access to a ring grant/)
    assert.match(svg, /prefers-color-scheme:dark/)
    const headings = told.filter(({ kind }) => kind === 'strong').map(({ says }) => says)
    assert.deepEqual(
      headings.slice(1),
      trace.steps.map(({ name }) => name),
    )
    assert.equal(svg, svgOf(trace))
  })

  it('marks the point of no return where there is one, and only there', async () => {
    const trace = await traceOf('xen-domain-freeze', 'S16')
    assert.doesNotMatch(svgOf({ ...trace, doomed: null }), /class="turn"/)
    assert.doesNotMatch(svgOf({ ...trace, doomed: trace.steps.length }), /class="turn"/)
    assert.equal(fatefulStep(trace) !== null, svgOf(trace).includes('class="turn"'))
    const turned = svgOf({ ...trace, doomed: 3 })
    assert.match(turned, /class="turn".*the point of no return: from here on/)
    const at = (text: string): number => texts(turned).find(({ says }) => says.startsWith(text))!.y
    assert.ok(at(trace.steps[2]!.name) < at('the point') && at('the point') < at(trace.steps[3]!.name))
    assert.match(svgOf({ ...trace, doomed: 0 }), /from the start it cannot be avoided/)
    const set = decisiveSteps(trace).filter((step) => step !== trace.steps.length)
    assert.equal(turned.match(/class="dot set"/g)?.length, set.length)
  })

  it('of a run that goes round for ever has no last step, and says where it goes round', async () => {
    const trace = { ...(await traceOf('xen-domain-freeze', 'S16')), loop: 2 }
    const svg = svgOf(trace)
    assert.doesNotMatch(svg, /dot last/)
    assert.match(svg, /↻ from here it goes round for ever/)
    assert.match(svg, /↻ and back to step 3/)
  })

  it('keeps every text inside of its width and on a line of its own, in long runs too', async () => {
    for (const trace of [
      await traceOf('xen-pv-guest', 'B01'),
      await traceOf('virtio-vsock', 'V3'),
      await longTrace(),
    ]) {
      const svg = svgOf(trace)
      const [, width, height] = /width="(\d+)" height="([\d.]+)"/.exec(svg)!.map(Number)
      const left = texts(svg).filter(({ kind }) => !/mid|end/.test(kind))
      for (const { x, y, says } of left) {
        assert.ok(x + says.length * 7.3 <= width!, says)
        assert.ok(y < height!, says)
      }
      left.slice(1).forEach(({ y, says }, i) => assert.ok(y - left[i]!.y >= 15.9, says))
    }
  })
})
