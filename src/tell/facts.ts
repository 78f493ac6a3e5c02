/** What is known of a protocol as a short text with its sources: for reviewers, for documentation, and for programs that read along. */

import stringWidth from 'string-width'
import { propertiesFor } from '../search/check.js'
import { unknownName } from '../write/mistake.js'
import type { Model, Origin, Thread } from '../write/model.js'
import type { System, Transition } from '../write/system.js'
import { systemOf, instanceOf, type Protocol } from './protocol.js'
import type { Expectation, Instance } from './spec.js'
import { commandLine } from './trace.js'

/** Headings, paragraphs and lists; `code` between backquotes. */
export interface Facts {
  readonly title: string
  readonly sections: readonly { readonly title: string; readonly says?: string; readonly items: readonly string[] }[]
}

/** How facts are written. */
export const factFormats = { markdown, rst } as const

/** All of a protocol: what must hold, in which order things are done, which bugs are known, what is left out, and how to ask again. */
export function factsOf(protocol: Protocol): Facts {
  const { name, address, model, spec } = protocol
  const system = systemOf(protocol, { parameters: {}, patches: [] })
  const bugs = spec.instances.filter(({ form }) => form === 'buggy')
  return {
    title: `${name}: ${model.declared.question}`,
    sections: [
      {
        title: 'Read in',
        items: [
          ...Object.entries(spec.sources ?? {}).map(([folder, version]) =>
            folder === '' ? version : `${version}: \`${folder}\``,
          ),
          ...Object.values(spec.references).map(({ title, where, evidence }) => `${title} (${where}; ${evidence})`),
        ],
      },
      {
        title: 'What must hold',
        items: propertiesFor(system, protocol.properties).map(
          ({ name: property, says }) => `${says} (\`${property}\`: ${standing(spec.instances, property)})`,
        ),
      },
      { title: 'In which order', items: ordersIn(model, system) },
      { title: 'Known bugs', items: bugs.map((bug) => bugText(protocol, bug)) },
      { title: 'What the model leaves out', items: model.declared.abstractions ?? [] },
      asking([['check', address], ['list', address], ...(bugs[0] ? [claimCommand(protocol, bugs[0])] : [])]),
    ].filter(({ items }) => items.length > 0),
  }
}

/** One claim, to be cited. @throws Mistake for an instance that does not exist. */
export function claimFacts(protocol: Protocol, id: string): Facts {
  const instance = instanceOf(protocol, id)
  const { measured, parameters, patches, references, corpus, evidence, note } = instance
  return {
    title: `${protocol.name}/${id}: ${instance.says}`,
    sections: [
      {
        title: 'Claimed',
        says: `${corpus === null ? 'No bug of the corpus.' : `It stands for ${corpus}, ${instance.form ?? 'as it is'}.`}${evidence === null ? '' : ` Its source is ${evidence}.`}`,
        items: Object.entries(instance.expect).map(
          ([property, expected]) => `\`${property}\` ${expectedText(expected)}`,
        ),
      },
      {
        title: 'Of the variant',
        items: [
          ...Object.entries(parameters).map(([name, value]) => `\`${name}=${String(value)}\``),
          ...patches.map(
            (name) =>
              `patch \`${name}\`: ${protocol.model.declared.patches?.find((one) => one.name === name)?.says ?? ''}`,
          ),
        ],
      },
      { title: 'Sources', items: references.map((key) => referenceText(protocol, key)) },
      {
        title: 'Searched',
        items: measured
          ? [
              `whole, when it was recorded: ${measured.states} states, ${measured.transitions} transitions, depth ${measured.depth}`,
            ]
          : [],
      },
      { title: 'Note', items: note === undefined ? [] : [note] },
      asking([claimCommand(protocol, instance), ['check', `${protocol.address}/${id}`]]),
    ].filter(({ items }) => items.length > 0),
  }
}

/** One step: where it is from, what it does and waits for, in words. @throws Mistake for a step that the model does not have. */
export function stepFacts(protocol: Protocol, name: string, variant: Pick<Instance, 'parameters' | 'patches'>): Facts {
  const { transitions } = systemOf(protocol, variant)
  const found = transitions.filter((one) => one.step === name || one.name === name || one.step.startsWith(`${name}/`))
  const steps = [...new Set(transitions.map(({ step }) => step))]
  if (found.length === 0) throw unknownName(`protocol ${protocol.name}`, 'step', name, steps)
  const first = found.filter((one, i) => found.findIndex((other) => other.step === one.step) === i)
  return {
    title: `${protocol.name}, ${name}`,
    sections: [
      ...first.map((transition) => ({ title: transition.step, items: stepItems(transition) })),
      asking([
        ['step', `${protocol.address}/base`],
        ['run', `${protocol.address}/base`, '--through', found[0]!.step],
      ]),
    ],
  }
}

function stepItems({ origin, actor, says, provoke, log, fair, guards }: Transition): readonly string[] {
  return [
    `from ${originText(origin)}`,
    `taken by \`${actor}\`, ${fair === 'none' ? 'of which nothing is promised' : `fair: ${fair}`}`,
    guards.length === 0
      ? 'it can always be taken when its thread is there'
      : 'it waits for a condition (`why not` in `thawproof step` tells which part is false)',
    ...(says === undefined ? [] : [says]),
    ...(provoke === undefined ? [] : [`on a real machine: ${provoke}`]),
    ...log.flatMap((line) =>
      typeof line === 'string' ? [`prints "${line}"`] : ['prints a line that depends on the state'],
    ),
  ]
}

const originText = (origin: Origin): string =>
  origin.kind === 'source' ? `\`${origin.symbol}\` in \`${origin.file}\`` : origin.says

const asking = (commands: readonly (readonly string[])[]): Facts['sections'][number] => ({
  title: 'To ask again',
  says: 'Every verdict is of a complete search, or says that it is not.',
  items: commands.map((words) => `\`${commandLine(words)}\``),
})

/** The command that shows a claim: the counterexample of what it violates first, else its check. */
function claimCommand({ address }: Protocol, { id, expect }: Instance): readonly string[] {
  const violated = Object.entries(expect).find(([, expected]) => verdictOf(expected) === 'violated')
  return violated ? ['trace', `${address}/${id}`, violated[0]] : ['check', `${address}/${id}`]
}

const verdictOf = (expected: Expectation): string => (typeof expected === 'string' ? expected : expected.verdict)

function expectedText(expected: Expectation): string {
  if (typeof expected === 'string') return expected === 'violated' || expected === 'holds' ? expected : `is ${expected}`
  return 'steps' in expected ? `is violated in ${expected.steps} steps` : `is trivial: ${expected.because}`
}

/** In how many claims it holds, and which violate it. */
function standing(instances: readonly Instance[], property: string): string {
  const of = (verdict: string): readonly Instance[] =>
    instances.filter(({ expect }) => expect[property] !== undefined && verdictOf(expect[property]) === verdict)
  const broken = of('violated').map(({ id }) => id)
  const few = broken.slice(0, 4).join(', ')
  return `holds in ${of('holds').length} instances${broken.length === 0 ? '' : `, violated in ${few}${broken.length > 4 ? ` and ${broken.length - 4} more` : ''}`}`
}

/** What each thread does, in program order. */
const ordersIn = (model: Model, { threads }: System): readonly string[] => {
  const seen = new Set<string>()
  return threads.flatMap(({ name, labels }) => {
    const plain = name.replace(/\(.*\)$/, '')
    if (seen.has(plain)) return []
    seen.add(plain)
    const says = partsOf(model).find((one) => one.name === plain)?.declared.says
    return [
      `\`${plain}\`${says === undefined ? '' : ` (${says})`}: ${labels
        .slice(0, -1)
        .map((label) => `\`${label}\``)
        .join(', ')}`,
    ]
  })
}

const partsOf = ({ declared: { parts, parameters = {} } }: Model): readonly Thread[] =>
  parts(Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, one.default]))).filter(
    (part): part is Thread => part.kind === 'thread',
  )

function bugText(protocol: Protocol, { id, corpus, says, references }: Instance): string {
  const fixed = protocol.spec.instances.find((one) => one.form === 'fixed' && one.corpus === corpus && corpus !== null)
  const sources = references.map((key) => referenceText(protocol, key)).join('; ')
  return `${corpus ?? id}: ${says}${sources === '' ? '' : ` ${sources}.`} \`${protocol.name}/${id}\`${fixed ? `, fixed: \`${protocol.name}/${fixed.id}\`` : ''}`
}

function referenceText({ spec }: Protocol, key: string): string {
  const known = spec.references[key]
  return known ? `${known.title} (${known.where}; ${known.evidence})` : key
}

function markdown({ title, sections }: Facts): string {
  const told = sections.map((one) =>
    [`## ${one.title}`, ...(one.says ? [one.says] : []), one.items.map((item) => `- ${oneLine(item)}`).join('\n')].join(
      '\n\n',
    ),
  )
  return `${[`# ${oneLine(title)}`, ...told].join('\n\n')}\n`
}

function rst({ title, sections }: Facts): string {
  const heading = (text: string, sign: string): string => `${text}\n${sign.repeat(stringWidth(text))}`
  const literal = (text: string): string =>
    oneLine(text)
      .replace(/\\/g, '\\\\')
      .replace(/([*|])/g, '\\$1')
      .replace(/`([^`]*)`/g, '``$1``')
      .replace(/(\w)_(?=\W|$)/g, '$1\\_')
  const told = sections.map((one) =>
    [
      heading(one.title, '-'),
      ...(one.says ? [one.says] : []),
      one.items.map((item) => `* ${literal(item)}`).join('\n'),
    ].join('\n\n'),
  )
  return `${[heading(literal(title), '='), ...told].join('\n\n')}\n`
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
