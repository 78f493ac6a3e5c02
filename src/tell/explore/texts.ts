/** A run as text to be pasted elsewhere: a mail, a command, a mocha test, a scenario of a spec. */

import type { Run } from '../../search/run.js'
import type { Model } from '../../write/model.js'
import type { Property } from '../../write/property.js'
import { mailOf } from '../formats/mail.js'
import { mochaTest } from '../formats/mocha.js'
import type { Protocol } from '../protocol.js'
import type { Scenario } from '../spec.js'
import { commandFor, commandOf, traceOf, type Trace } from '../trace.js'
import { scheduleOf } from './schedule.js'
import type { Subject, Variant } from './subject.js'
import { brokenBy, type TruthLine } from './truth.js'

/** What a text is made of. */
export interface Shared {
  readonly model: Model
  readonly subject: Subject
  readonly variant: Variant
  readonly run: Run
  readonly lines: readonly TruthLine[]
  readonly properties: readonly Property[]
}

/** The property that the last step breaks, if it breaks one that was not broken before. */
export const brokenLast = ({ lines, run }: Pick<Shared, 'lines' | 'run'>): TruthLine | undefined =>
  brokenBy(lines, run.steps.length)[0]

/** The run as a trace: of what its last step breaks, or of nothing. */
export function traceOfRun(shared: Shared): Trace {
  const { run, variant, properties } = shared
  const broken = brokenLast(shared)
  const property = properties.find(({ name }) => name === broken?.name)
  const { length } = run.steps
  const shows = length === 0 ? 'The start.' : `${run.steps[length - 1]!.transition.name} can be taken.`
  return traceOf({
    instance: variant.listed ? variant.id : null,
    verdict: broken
      ? { property: broken.name, says: broken.says, verdict: 'violated' }
      : { property: length === 1 ? '1 step' : `${length} steps`, says: shows, verdict: 'possible' },
    run,
    property,
    asked: throughAll(run),
  })
}

/** What has `thawproof run` find exactly this run: no shorter one takes all of its steps in their order. A comma would part names. */
const throughAll = (run: Run): readonly string[] => [
  '--through',
  scheduleOf(run)
    .names.map((name) => name.replaceAll(',', '*'))
    .join(','),
]

/** The run as a mail: a bug report if its last step breaks something. */
export function mailText(shared: Shared): string {
  const { model, subject, variant, properties } = shared
  const { protocol, address, references, answers, variants } = subject
  const instance = { ...variant, corpus: null, form: null, evidence: null, expect: {} }
  const whole: Protocol = {
    name: protocol,
    address,
    model,
    properties,
    spec: {
      schema: 'thawproof/spec@1',
      protocol,
      references,
      answers,
      instances: variants.map((one) => (one.id === variant.id ? instance : { ...instance, ...one })),
    },
  }
  return mailOf(traceOfRun(shared), whole, 'hand')
}

/** The command that shows the run in a terminal; of what it breaks, from the file that the page saves it to. */
export function commandText(shared: Shared): string {
  const { address } = shared.subject
  const trace = traceOfRun(shared)
  if (trace.verdict !== 'violated') return commandOf(trace, address)
  return `${commandFor({ ...trace, address, id: trace.instance }, trace.property)} --replay ${runFile(shared)}`
}

/** The name of the file for {@link commandText}. */
export const runFile = ({ subject, variant }: Pick<Shared, 'subject' | 'variant'>): string =>
  `${subject.protocol}-${variant.id.replace(/[^\w.-]+/g, '-')}.json`

/** What is claimed of a run when it is kept. */
export type Kept = Pick<Scenario, 'name' | 'says' | 'is'>

/** The run as a scenario of the spec. */
export function scenarioOf({ variant, run }: Shared, { name, says, is }: Kept): Scenario {
  const { initial, names } = scheduleOf(run)
  return { name, says, instance: variant.id, is, ...(initial > 0 && { initial }), steps: names }
}

/** A test for mocha: the run can be taken, and what it breaks is broken. */
export function testText(shared: Shared): string {
  const { subject, variant, run } = shared
  const { initial, names } = scheduleOf(run)
  const { parameters, patches, fairness } = variant
  const broken = brokenLast(shared)
  return mochaTest({
    title: broken ? `${variant.id} breaks ${broken.name}` : `${variant.id} can take this run`,
    protocol: subject.protocol,
    address: subject.address,
    choice: { parameters, patches, ...(fairness && { fairness }) },
    initial,
    names,
    at: run.steps.at(-1)?.after.at ?? run.start.at,
  })
}
