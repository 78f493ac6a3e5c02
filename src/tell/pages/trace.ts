/** The page around a diagram: what it shows, of which claims, and the same run step by step in words, for screens of any width. */

import type { Protocol } from '../protocol.js'
import { plainly } from '../formats/plain.js'
import { isSvg } from '../picture.js'
import { becauseText, causeText, fateText, headline, saysWord } from '../reason.js'
import type { Spec } from '../spec.js'
import { shown } from '../text.js'
import { commandOf, fatefulStep, type Trace } from '../trace.js'
import { originText } from './browser.js'
import { drawnText, type Diagram } from './diagrams.js'
import { block, code, paragraphs, prose, toHeading } from './markdown.js'

/** Writes the page of a diagram; it lies beside it, two folders below the pages of the protocols. */
export function tracePage({ name, address, spec }: Protocol, { file, traces }: Diagram): string {
  const trace = traces[0]!
  const claims = traces.map(({ instance }) => `[${instance}](../../${name}.md${toHeading(instance!)})`)
  const fate = fateText(trace)
  return paragraphs([
    `# ${prose(headline(trace))}`,
    `[${name}](../../${name}.md#verdicts): ${claims.join(', ')}`,
    `**${capital(saysWord(trace))}:** ${prose(trace.says)}`,
    ...(trace.why === null ? [] : [`**Found:** ${prose(plainly(trace.why))}`]),
    ...(fate === null ? [] : [`**Inevitable** ${prose(fate)}.`]),
    ...trace.because.map((group) =>
      [
        `**${prose(capital(becauseText(group)))}**`,
        '',
        ...group.causes.map((one) => `- ${prose(causeText(one))}`),
      ].join('\n'),
    ),
    `![${prose(drawnText(trace))}](${file.split('/').at(-1)!})`,
    '## Step by step',
    ...(trace.steps.length === 0 ? ['No step is taken: it is so from the start.'] : [stepList(trace, spec.sources)]),
    ...ending(trace),
    `In a terminal: ${code(trace.ends === 'misses' ? `thawproof check ${address}/${trace.instance}` : commandOf(trace, address))}`,
  ])
}

/** A sentence that begins with a word; one that begins with the name of a step keeps it. */
const capital = (text: string): string =>
  text.replace(/^(the |required|shown)/, (word) => word[0]!.toUpperCase() + word.slice(1))

/** A drawing as a part of a list: text as it stands, SVG as an image that runs nothing. */
function drawingOf(drawn: string, alt: string): readonly string[] {
  if (!isSvg(drawn)) return block('text', drawn).split('\n')
  const data = encodeURIComponent(drawn).replace(/[()']/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return [`![${alt}](data:image/svg+xml,${data})`]
}

function stepList(trace: Trace, sources: Spec['sources']): string {
  return trace.steps
    .map((step, i) => {
      const before = trace.steps[i - 1] ?? trace
      const isFresh = step.drawn !== undefined && (i === 0 || step.drawn !== before.drawn)
      const lines = [
        ...(trace.loop === i ? ['*From here it goes round for ever.*'] : []),
        ...(fatefulStep(trace) === i ? ['*The point of no return: from here on it cannot be avoided.*'] : []),
        ...step.changes.map(({ field, before, after }) => code(`${field}: ${shown(before)} → ${shown(after)}`)),
        ...Object.entries(step.derived ?? {}).flatMap(([name, value]) => {
          const was = before.derived?.[name]
          return shown(was) === shown(value) ? [] : [`${prose(name)}: ${code(`${shown(was)} → ${shown(value)}`)}`]
        }),
        ...step.log.map((one) => `prints ${code(one)}`),
      ]
      const to = step.signals === null || step.signals === step.actor ? '' : ` → ${step.signals}`
      const head = `${i + 1}. **${code(step.name)}** ${prose(step.actor + to)}: ${originText(step.origin, sources)}`
      const inside = ' '.repeat(String(i + 1).length + 2)
      const drawing = isFresh ? ['', ...drawingOf(step.drawn, `The state after step ${i + 1}`), ''] : []
      return [
        head,
        ...lines.map((one) => `${inside}- ${one}`),
        ...drawing.map((one) => `${inside}${one}`.trimEnd()),
      ].join('\n')
    })
    .join('\n')
}

function ending({ loop, ends }: Trace): readonly string[] {
  if (loop !== null) return [`↻ And back to step ${loop + 1}, for ever.`]
  const says = {
    stops: 'Here it stops, for good.',
    misses: 'Here it stops, for good. It is an example, as short as can be: no other run gets there either.',
    lost: 'From here on, whatever happens, the goal is out of reach.',
    breaks: '',
    loops: '',
    arrives: '',
  }[ends]
  return says === '' ? [] : [says]
}
