/** Claims as JUnit XML: a suite per instance, a test case per property, a failure where the claim is not met. */

import type { Declared } from '../declared.js'
import { namedIn, wrongIn, type Settled, type SettledVerdict } from '../settled.js'
import { commandFor } from '../trace.js'

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
  const { protocol, instance, verdicts, differences } = claim
  const cases = verdicts.map((verdict) => ({ verdict, wrong: wrongIn(claim, verdict) }))
  // What is wrong with the instance as a whole: counts that are not as recorded.
  const rest = differences.filter((text) => !cases.some(({ wrong }) => wrong === text))
  const failures = cases.filter(({ verdict, wrong }) => wrong !== undefined && verdict.verdict !== 'unknown').length
  const errors = cases.filter(({ verdict, wrong }) => wrong !== undefined && verdict.verdict === 'unknown').length
  const name = `${protocol}/${instance.id}`
  // One search judges them all: its time is that of the whole.
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`
  const whole = `    <testcase classname="${xml(name)}" name="as recorded"${time}`
  return [
    `  <testsuite name="${xml(name)}" tests="${cases.length + 1}" failures="${failures + (rest.length > 0 ? 1 : 0)}" errors="${errors}" skipped="0"${time}>`,
    ...cases.map(({ verdict, wrong }) => testCase(name, claim, verdict, wrong, declared)),
    ...(rest.length === 0
      ? [`${whole}/>`]
      : [`${whole}>`, `      <failure message="${xml(rest.join('; '))}"/>`, '    </testcase>']),
    '  </testsuite>',
  ].join('\n')
}

function testCase(
  name: string,
  claim: Settled,
  verdict: SettledVerdict,
  wrong: string | undefined,
  declared: Declared | undefined,
): string {
  const place = declared?.(verdict.property)
  const at = place ? ` file="${xml(place.file)}" line="${place.line}"` : ''
  const head = `    <testcase classname="${xml(name)}" name="${xml(verdict.property)}"${at}`
  if (wrong === undefined) return `${head}/>`
  const kind = verdict.verdict === 'unknown' ? 'error' : 'failure'
  const replay = verdict.traceLength === null ? '' : `\nreplay: ${commandFor(namedIn(claim), verdict.property)}`
  return [
    `${head}>`,
    `      <${kind} message="${xml(wrong)}">${xml(verdict.says + replay)}</${kind}>`,
    '    </testcase>',
  ].join('\n')
}
