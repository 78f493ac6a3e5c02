/** A run as text to be pasted elsewhere: a mail, a command, a mocha test, a scenario of a spec. */

import type { Run } from '../../search/run.js'
import type { Model } from '../../write/model.js'
import type { Property } from '../../write/property.js'
import { mailOf, runMail } from '../formats/mail.js'
import type { Protocol } from '../protocol.js'
import { commandLine, traceOf, type Trace } from '../trace.js'
import { scheduleOf } from './schedule.js'
import type { Subject, Variant } from './subject.js'
import type { TruthLine } from './truth.js'

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
export function brokenLast({ lines, run }: Pick<Shared, 'lines' | 'run'>): TruthLine | undefined {
  const last = run.steps.length
  return lines.find(({ seen }) => seen[last]?.truth === 'broken' && (last === 0 || seen[last - 1]!.truth !== 'broken'))
}

/** The run as a trace: of what its last step breaks, or of nothing. */
export function traceOfRun(shared: Shared): Trace {
  const { run, variant, properties } = shared
  const broken = brokenLast(shared)
  const property = properties.find(({ name }) => name === broken?.name)
  return traceOf({
    instance: variant.id,
    verdict: {
      property: broken?.name ?? 'run',
      says: broken?.says ?? '',
      verdict: broken ? 'violated' : 'holds',
    },
    run,
    property,
  })
}

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
  const trace = traceOfRun(shared)
  return brokenLast(shared) ? mailOf(trace, whole) : runMail(trace, whole, commandText(shared))
}

/** What names the variant on a command line: its own name, or all that it is made of. */
function targetOf({ subject, variant }: Pick<Shared, 'subject' | 'variant'>): readonly string[] {
  const { address } = subject
  const { id, parameters, patches } = variant
  if (!id.includes(' ') && id !== 'base') return [`${address}/${id}`]
  return [
    address,
    ...Object.entries(parameters).flatMap(([name, value]) => ['-p', `${name}=${value}`]),
    ...patches.flatMap((name) => ['--patch', name]),
  ]
}

/** The command that shows the run in a terminal, from the file that the page saves it to. */
export function commandText(shared: Shared): string {
  const [target, ...choices] = targetOf(shared)
  const broken = brokenLast(shared)
  return commandLine(['trace', target!, ...(broken ? [broken.name] : []), ...choices, '--replay', runFile(shared)])
}

/** The name of the file for {@link commandText}. */
export const runFile = ({ subject, variant }: Pick<Shared, 'subject' | 'variant'>): string =>
  `${subject.protocol}-${variant.id.replace(/[^\w.-]+/g, '-')}.json`

/** A test for mocha: the run can be taken, and what it breaks is broken. */
export function testText(shared: Shared): string {
  const { subject, variant, run } = shared
  const { initial, names } = scheduleOf(run)
  const { parameters, patches, fairness } = variant
  const broken = brokenLast(shared)
  const choice = JSON.stringify({ parameters, patches, ...(fairness && { fairness }) })
  const title = broken ? `${variant.id} breaks ${broken.name}` : `${variant.id} can take this run`
  return [
    `import assert from 'node:assert/strict'`,
    `import { instantiate } from 'thawproof'`,
    `import { replay } from 'thawproof/walk'`,
    `// where the model of ${subject.protocol} is`,
    `import model from ${JSON.stringify(subject.address.endsWith('.ts') ? subject.address : `./${subject.protocol}.ts`)}`,
    '',
    `it(${JSON.stringify(title)}, () => {`,
    `  const system = instantiate(model, ${choice})`,
    `  const { run, stuck } = replay(system, ${initial}, [`,
    ...names.map((name) => `    ${JSON.stringify(name)},`),
    '  ])',
    '  assert.equal(stuck, undefined)',
    `  assert.equal(run.steps.length, ${names.length})`,
    `  assert.deepEqual(run.steps.at(-1)?.after.at ?? run.start.at, ${JSON.stringify(run.steps.at(-1)?.after.at ?? run.start.at)})`,
    '})',
    '',
  ].join('\n')
}
