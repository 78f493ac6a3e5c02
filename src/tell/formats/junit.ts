/** Claims as JUnit XML: a suite per instance, a test case per property and per scenario, a failure where the claim is not met. */

import type { Declared } from '../declared.js'
import { claimedIn, type Claimed, type Settled } from '../claim-result.js'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text for XML; signs that it cannot hold become `?`. */
const xml = (text: string): string =>
  text
    .replace(/[&<>"']/g, (sign) => escapes[sign]!)
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')

/** What a document tells of a claim beside what was found; times make one document differ from the next. */
export interface Beside {
  /** How long the search took, in seconds. Absent: it was not measured, or an earlier one was recalled. */
  readonly seconds?: number | undefined
  readonly declared?: Declared
}

/** Writes the document. What was not decided within the limits counts as an error, not as a failure. */
export function junitOf(claims: readonly Settled[], beside: (claim: Settled) => Beside = () => ({})): string {
  const suites = claims.map((claim) => suite(claim, beside(claim)))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="thawproof">',
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(claim: Settled, { seconds, declared }: Beside): string {
  const { protocol, instance, differences } = claim
  const cases = claimedIn(claim)
  // What is wrong with the instance as a whole: counts that are not as recorded.
  const rest = differences.filter((text) => !cases.some(({ wrong }) => wrong === text))
  const wrong = cases.filter((one) => one.wrong !== undefined)
  const errors = wrong.filter(({ isOpen }) => isOpen).length
  const failures = wrong.length - errors
  const name = `${protocol}/${instance.id}`
  // One search judges them all: its time is that of the whole.
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`
  const whole = `    <testcase classname="${xml(name)}" name="as recorded"${time}`
  return [
    `  <testsuite name="${xml(name)}" tests="${cases.length + 1}" failures="${failures + (rest.length > 0 ? 1 : 0)}" errors="${errors}" skipped="0"${time}>`,
    ...cases.map((one) => testCase(name, one, declared)),
    ...(rest.length === 0
      ? [`${whole}/>`]
      : [`${whole}>`, `      <failure message="${xml(rest.join('; '))}"/>`, '    </testcase>']),
    '  </testsuite>',
  ].join('\n')
}

function testCase(suite: string, claimed: Claimed, declared: Declared | undefined): string {
  const { name, kind, says, wrong, isOpen, isFound, replay } = claimed
  const place = declared?.(name)
  const at = place ? ` file="${xml(place.file)}" line="${place.line}"` : ''
  const title = kind === 'property' ? name : `scenario ${name}`
  const head = `    <testcase classname="${xml(suite)}" name="${xml(title)}"${at}`
  if (wrong === undefined) return `${head}/>`
  const element = isOpen ? 'error' : 'failure'
  const again = isFound ? `\nreplay: ${replay}` : ''
  return [
    `${head}>`,
    `      <${element} message="${xml(wrong)}">${xml(says + again)}</${element}>`,
    '    </testcase>',
  ].join('\n')
}
