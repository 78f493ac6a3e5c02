/** Colours: legible wherever they stand, in light and in dark, and said in one place. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { colours, variablesOf } from '../src/tell/colours.js'
import { palette } from '../src/tell/formats/svg.js'

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

describe('the colours', () => {
  it('that are read stand out from every paper that they stand on, those that are seen from the page', () => {
    for (const shade of [0, 1]) {
      for (const paper of ['paper', 'sunk', 'bad-paper', 'mark-paper'] as const)
        for (const kind of ['ink', 'soft', 'bad', 'mark'] as const)
          assert.ok(contrast(colours[kind][shade]!, colours[paper][shade]!) >= 4.5, `${kind} on ${paper}`)
      for (const paper of [palette.paper[shade]!, palette.band[shade]!])
        for (const kind of ['ink', 'soft', 'change', 'log', 'bad'] as const)
          assert.ok(contrast(palette[kind][shade]!, paper) >= 4.5, `${kind} of a diagram on ${paper}`)
      assert.ok(contrast(colours.good[shade]!, colours.paper[shade]!) >= 4.5, 'good')
      for (const paper of ['paper', 'sunk', 'found-paper'] as const)
        assert.ok(contrast(colours.found[shade]!, colours[paper][shade]!) >= 4.5, `found on ${paper}`)
      assert.ok(contrast(colours.lane[shade]!, colours.paper[shade]!) >= 3, 'lane')
    }
  })

  it('are all that the style sheets of report and site use, and these name none of their own', () => {
    const read = (file: string): string => readFileSync(new URL(`../src/tell/${file}`, import.meta.url), 'utf8')
    const own = ['mono', 'steps']
    assert.match(read('html/browser/ground.css'), /--mono:/)
    for (const file of ['html/browser/page.css', 'site/browser/site.css', 'explore/browser/explore.css']) {
      const rules = read(file)
      const used = [...rules.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name!)
      assert.ok(used.length > 20)
      for (const name of used) assert.ok(own.includes(name) || Object.hasOwn(colours, name), `${file}: --${name}`)
      assert.doesNotMatch(rules, /#[0-9a-f]{3}|rgb|hsl/, file)
    }
    assert.equal(
      variablesOf({ ink: ['#000', '#fff'] }),
      ':root{--ink:#000}@media(prefers-color-scheme:dark){:root{--ink:#fff}}',
    )
  })
})
