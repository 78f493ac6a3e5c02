/** One HTML file that needs nothing else, opened from disk: an overview, and traces to step through. */

import { readFileSync } from 'node:fs'
import { becauseText, causeText, fateText, headline, saysWord } from '../reason.js'
import { actorsOf, commandOf, decisiveSteps, fatefulStep, type Trace } from '../trace.js'
import { shared, styleOf } from './styles.js'

/** A trace as the page shows it, with all that is said of it. */
export interface PageTrace extends Pick<Trace, 'start' | 'steps' | 'loop'> {
  readonly title: string
  /** What stands above the steps, each with a word in front of it. */
  readonly says: readonly (readonly [label: string, text: string])[]
  readonly because: readonly { readonly heading: string; readonly causes: readonly string[] }[]
  /** Shows the run again in a terminal. */
  readonly command: string
  /** The lanes, from left to right. */
  readonly actors: readonly string[]
  /** Steps that stand out: their number, the sign beside it, and what the sign means. */
  readonly marks: readonly { readonly step: number; readonly sign: '!' | '*'; readonly says: string }[]
}

/** A counterexample as the page shows it; `address` is what to type to mean its protocol. */
export function pageTrace(trace: Trace, address: string): PageTrace {
  const { start, steps, loop, says, why, because } = trace
  const fate = fateText(trace)
  return {
    title: headline(trace),
    says: [
      [saysWord(trace) === 'shown' ? 'Shown' : 'Required', says],
      ...(why === null ? [] : [['Found', why] as const]),
      ...(fate === null ? [] : [['Inevitable', fate] as const]),
    ],
    because: because.map((group) => ({
      heading: becauseText(group),
      causes: group.causes.map((one) => causeText(one)),
    })),
    command: commandOf(trace, address),
    actors: actorsOf(trace),
    marks: marksOf(trace),
    start,
    steps,
    loop,
  }
}

function marksOf(trace: Trace): PageTrace['marks'] {
  const fateful = fatefulStep(trace)
  const decisive = decisiveSteps(trace).filter((step) => step !== fateful)
  return [
    ...(fateful === null || fateful === 0
      ? []
      : [{ step: fateful, sign: '!', says: 'after it the violation cannot be avoided' } as const]),
    ...decisive.map((step) => ({ step, sign: '*', says: 'sets what the requirement turns on' }) as const),
  ].sort((a, b) => a.step - b.step)
}

/** What a page is made of. */
export interface Page {
  /** Text of the title and of the heading. */
  readonly title: string
  /** The script that fills the overview from the data: `report` or `compare`. */
  readonly overview: 'report' | 'compare'
  /** Plain data for that script; its `traces` are found by addresses of three parts. */
  readonly data: { readonly traces: Readonly<Record<string, PageTrace>>; readonly [key: string]: unknown }
}

/** Writes the page. */
export function pageOf({ title, overview, data }: Page): string {
  const [text, json] = [inTitle(title), inScript(data)]
  const scripts = ['page', 'trace', overview].map((name) => part(`${name}.js`)).join('\n')
  return part('page.html')
    .replace(/(<title>|<h1>)/g, (open) => open + text)
    .replace('<style>', (open) => `${open}\n${styleOf(shared('base'), shared('page'))}`)
    .replace(/<script id="data"[^>]*>/, (open) => open + json)
    .replace('<script></script>', () => `<script>\n${scripts}</script>`)
}

/** Text as the content of a title or a heading. */
export const inTitle = (text: string): string => text.replace(/[&<]/g, (sign) => (sign === '&' ? '&amp;' : '&lt;'))

/** Data as the content of a script: a `<` in it could end that. */
export const inScript = (data: unknown): string => JSON.stringify(data).replaceAll('<', '\\u003c')

const part = (name: string): string => readFileSync(new URL(`./browser/${name}`, import.meta.url), 'utf8')
