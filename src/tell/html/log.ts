/** A log and the run that prints it side by side, as one HTML file that needs nothing else. */

import { anonymous, type Log, type LogLine } from '../../match/log/read.js'
import { logReport, outcomeText, type Held, type LogReport } from '../formats/log.js'
import { shown } from '../text.js'
import type { TraceStep } from '../trace.js'
import { shared, styleOf } from './styles.js'

/** Messages that nobody knows, between two that are heard, beyond which they are folded. */
const most = 3

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!)

/** Writes the page: each heard line beside the step that printed it, what was not seen between, and where they part. */
export function logPage(held: Held, log: Log): string {
  const report = logReport(held)
  const title = `${held.target}: log ${report.verdict}`
  const words = outcomeText(held, 100).split('\n')
  const summary = words.filter((line) => line !== '' && !/^ {3,}|^ *\d+[ !*] /.test(line))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>
${styleOf(shared('base'), new URL('./browser/log.css', import.meta.url))}
</style>
</head>
<body>
<header><h1>${escaped(title)}</h1></header>
<main>
${summary.map((line) => `<p>${escaped(line.trim())}</p>`).join('\n')}
<table>
<caption>The log on the left, the run of the model on the right, in one order from top to bottom</caption>
<colgroup><col class="number"><col class="message"><col class="step"><col></colgroup>
<thead><tr><th scope="col">Line</th><th scope="col">Message</th><th scope="col">Step</th><th scope="col">What it does</th></tr></thead>
<tbody>
${rowsOf(report, held, log).join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`
}

function rowsOf(report: LogReport, { outcome }: Held, log: Log): string[] {
  const lines = log.lines.filter(({ boot }) => boot === outcome.boot)
  const rows: string[] = []
  let next = 0
  const upTo = (number: number): void => {
    const between: LogLine[] = []
    while (lines[next] && lines[next]!.number < number) between.push(lines[next++]!)
    rows.push(...passedOver(between))
  }
  const heard = (number: number, kind: string, step?: string, does?: string): void => {
    upTo(number)
    const line = lines[next++]!
    rows.push(row(kind, String(line.number), anonymous(line.text), step ?? '', does ?? ''))
  }
  const steps = report.run?.steps.slice(report.before) ?? []
  steps.forEach((step, i) => {
    const { lines: own } = outcome.told[report.before + i]!
    const [first, ...more] = own
    if (first) heard(first.number, 'heard', stepText(step, i + 1), doesText(step))
    else rows.push(row('unseen', '', '', stepText(step, i + 1), doesText(step)))
    for (const line of more) heard(line.number, 'heard', '', '')
    for (const { lines: rest } of outcome.rested.filter(({ after }) => after === report.before + i + 1))
      for (const line of rest) heard(line.number, 'heard', '', '')
  })
  if (report.rejected) {
    const because = report.rejected.missing[0]
    const says = because ? `${because.step}: ${because.because.join('; ')}` : 'no step prints it'
    heard(report.rejected.line, 'parts', 'cannot be', says)
  }
  upTo(Infinity)
  return rows
}

function passedOver(lines: readonly LogLine[]): string[] {
  if (lines.length <= most) return lines.map((line) => row('other', String(line.number), anonymous(line.text), '', ''))
  const [first, last] = [lines[0]!, lines.at(-1)!]
  return [
    row('other', `${first.number}–${last.number}`, `${lines.length} messages that this protocol does not know`, '', ''),
  ]
}

const stepText = (step: TraceStep, number: number): string => `${number}. ${step.name}`

const doesText = ({ changes }: TraceStep): string =>
  changes.map(({ field, before, after }) => `${field}: ${shown(before)} → ${shown(after)}`).join('; ')

const row = (kind: string, line: string, message: string, step: string, does: string): string =>
  `<tr class="${kind}"><td>${escaped(line)}</td><td>${escaped(message)}</td><td>${escaped(step)}</td><td>${escaped(does)}</td></tr>`
