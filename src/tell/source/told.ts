/** How agreement and differences between C and models are told. */

import type { Conformance, Deviation, Passed } from '../../match/source/conformance.js'
import type { Drift } from '../../match/source/drift.js'
import type { Fit } from '../../match/source/variants.js'
import { paint, wrapped } from '../text.js'

/** What every report says of what it can mean. */
export const limit =
  'Compared are order and branches: which calls follow which, on paths that can be taken. Guards and effects are not, nor when a wait ends. Loops that a macro or a `for` heads are gone round at least once.'

/** One root that was held against a tree. */
export interface Held {
  readonly protocol: string
  /** `linux 6.12.117` */
  readonly version: string
  /** The patches of the model that the code of this version has, as the mapping says. */
  readonly patches: readonly string[]
  readonly conformance: Conformance
  readonly drift: readonly Drift[]
}

/** Everything about one root; only what asks for attention, unless `all`. */
export function heldText(
  { protocol, version, patches, conformance, drift }: Held,
  columns: number,
  all = false,
): string[] {
  const { outcome, thread, notFollowed, deviations, unexplained, unmet, passedOver } = conformance
  const colour = outcome === 'agrees' ? 'green' : outcome === 'differs' ? 'red' : 'yellow'
  const lines = (text: string, indent = '    '): string[] => wrapped(`  ${text}`, columns, indent)
  const declared = deviations.filter((one) => one.declared !== undefined)
  const open = deviations.filter((one) => one.declared === undefined)
  const variant = patches.length === 0 ? '' : ` with ${patches.join(' + ')}`
  const head = `${protocol}: ${conformance.function} and ${thread}${variant}, ${version}: ${outcome}`
  return [
    ...wrapped(paint(colour, head), columns, '  '),
    ...notFollowed.flatMap((one) => lines(`not compared: ${one}`)),
    ...open.flatMap((one) => deviationText(one, columns)),
    ...unexplained.flatMap(({ call, sites }) =>
      lines(`nothing explains ${call}() ${sites.map((site) => `in ${site.function}:${site.line}`).join(', ')}`),
    ),
    ...declared.flatMap((one) =>
      lines(`declared: in the ${one.in}, after ${one.after} comes ${one.then}: ${one.declared!}`),
    ),
    ...driftText(drift).flatMap((one) => lines(one)),
    ...(all ? passedOver.flatMap(({ what, why }) => lines(`passed over: ${what}: ${why}`)) : []),
    ...(all ? unmet.flatMap((what) => lines(`not met in this tree: ${what}`)) : []),
  ]
}

/** A difference: the way to it, and what the other side expects there. */
export function deviationText(deviation: Deviation, columns: number): string[] {
  const { in: side, after, then, expected, path } = deviation
  const other = side === 'source' ? 'model' : 'source'
  const say = `in the ${side}, after ${after} comes ${then}; the ${other} expects ${expected.join(' or ') || 'nothing more'}`
  const way = path.filter(({ label, kind }) => label !== undefined || kind !== 'call').map(passedText)
  return [
    ...wrapped(`  ${paint('bold', say)}`, columns, '    '),
    ...wrapped(`    ${way.join(' → ')}`, columns, '      '),
  ]
}

/** A step of a way, with its line where it has one. */
export function passedText({ text, kind, label, site }: Passed): string {
  const place = site && site.line > 0 ? `:${site.line}` : ''
  return kind === 'branch' || kind === 'jump' ? `[${text}${place}]` : `${label ?? text}${place}`
}

function driftText(drift: readonly Drift[]): string[] {
  const told = {
    layout: 'written otherwise, with the same calls and branches',
    changed: 'changed',
    new: 'new',
    gone: 'gone',
  }
  return Object.entries(told).flatMap(([change, says]) => {
    const names = drift.filter((one) => one.change === change).map((one) => one.function.replace(/^.*:/, ''))
    return names.length === 0 ? [] : [`since it was read, ${says}: ${names.join(', ')}`]
  })
}

/** The variants that fit a tree, and how near the others come. */
export function fitsText(fits: readonly Fit[], version: string, columns: number): string[] {
  const name = ({ patches }: Fit): string => (patches.length === 0 ? 'base' : patches.join(' + '))
  const fitting = fits.filter(({ differences }) => differences === 0)
  const near = fits.filter(({ differences }) => differences > 0 && differences < Infinity).slice(0, 5)
  const impossible = fits.filter((one) => one.impossible !== undefined)
  return [
    fitting.length === 0
      ? paint('red', `no variant fits ${version}`)
      : paint('green', `${version} is ${fitting.map(name).join(', or ')}`),
    ...(near.length > 0 ? [fitting.length > 0 ? 'not so near:' : 'nearest:'] : []),
    ...near.map((one) => `  ${name(one)}: ${one.differences} difference${one.differences === 1 ? '' : 's'}`),
    ...(impossible.length > 0
      ? wrapped(
          `cannot be held against source, for want of steps or of one another: ${impossible.map(name).join(', ')}`,
          columns,
          '  ',
        )
      : []),
  ]
}
