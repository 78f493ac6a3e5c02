/** A comparison as one HTML file: what changes, by which edits, with every run to step through. */

import type { StepDifference } from '../../write/difference.js'
import { sideText, summaryOf, type Behaviours, type Comparison } from '../compare/comparison.js'
import { fieldName } from '../compare/text.js'
import { count, shown } from '../text.js'
import { actorsOf, type Trace } from '../trace.js'
import { pageOf, pageTrace, type PageTrace } from './page.js'

/** Writes the page; `address` is what to type to mean the protocol. */
export function comparePage(comparison: Comparison, address: string): string {
  const { protocol, question, a, b, changes, edits, initially, adds, removes } = comparison
  const key = (name: string, what: string): string => `${protocol}/${name}/${what}`
  const traces: [string, PageTrace][] = []
  const shownTrace = (name: string, what: string, trace: PageTrace): string => {
    traces.push([key(name, what), trace])
    return name
  }
  const behaviour = (name: string, what: string, found: Behaviours): object => {
    if (found.kind !== 'some') return found
    const { steps, says } = found.trace
    shownTrace(name, what, pageRun(found.trace, what))
    return { kind: 'some', variant: name, what, says, steps: steps.map((step) => step.name) }
  }
  return pageOf({
    title: `${protocol}: ${b.name} against ${a.name}`,
    overview: 'compare',
    data: {
      protocol,
      question,
      summary: `${b.name} ${summaryOf(comparison)}.`,
      variants: [a, b].map(({ states, transitions, parameters, ...rest }) => ({
        ...rest,
        size: `${count(states)} states, ${count(transitions)} steps`,
        parameters: Object.entries(parameters).map(([name, value]) => `${name}=${value}`),
      })),
      changes: changes.map(({ property, says, change, was, is, trace }) => ({
        property,
        says,
        change,
        was: { verdict: was.verdict, text: sideText(was) },
        is: { verdict: is.verdict, text: sideText(is) },
        ...(trace &&
          change !== 'keeps' && {
            variant: shownTrace(is.verdict === 'violated' ? b.name : a.name, property, pageTrace(trace, address)),
          }),
      })),
      byText: edits.byText,
      initially: initially.map(({ field, before, after }) => ({ field, before: shown(before), after: shown(after) })),
      parts: edits.parts.map(({ steps, ...part }) => ({ ...part, steps: steps.map(stepData) })),
      adds: behaviour(b.name, 'added behaviour', adds),
      removes: behaviour(a.name, 'removed behaviour', removes),
      traces: Object.fromEntries(traces),
    },
  })
}

const stepData = ({ fields, ways, ...step }: StepDifference): object => ({
  ...step,
  fields: fields.map(({ field, ...rest }) => ({ ...rest, field: fieldName(field) })),
  ways: ways.map(stepData),
})

/** A run that breaks nothing: what is told of it is that the other variant cannot follow. */
const pageRun = (trace: Trace, title: string): PageTrace => ({
  title: `${title} in ${trace.steps.length} steps`,
  says: [['Told apart', trace.says]],
  because: [],
  command: '',
  actors: actorsOf(trace),
  marks: [],
  start: trace.start,
  steps: trace.steps,
  loop: trace.loop,
})
