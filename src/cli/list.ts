/** `thawproof list`: what there is to check. */

import type { Command } from 'commander'
import { propertiesFor } from '../search/check.js'
import { loadProtocol, protocolNames, type Protocol } from '../tell/protocol.js'
import { padded, paint, wrapped } from '../tell/text.js'
import { spell } from '../write/domain.js'
import { targetNames } from '../write/patch.js'
import { instantiate } from '../write/system.js'
import { columns } from './options.js'
import { protocolAt } from './target.js'

/** Adds the command. */
export function listCommand(root: Command): void {
  root
    .command('list [protocol]')
    .description('list the protocols, or what one of them declares')
    .action(async (name?: string) => {
      const lines = name === undefined ? await protocols() : everythingOf((await protocolAt(name)).protocol)
      process.stdout.write(`${lines.join('\n')}\n`)
    })
}

async function protocols(): Promise<string[]> {
  const loaded = await Promise.all(protocolNames().map(loadProtocol))
  const width = Math.max(...loaded.map(({ name }) => name.length))
  return loaded.flatMap(({ name, model, spec }) => {
    const text = `${model.declared.question} (${spec.instances.length} instances)`
    const [first, ...rest] = wrapped(text, columns() - width - 2)
    return [`${paint('bold', padded(name, width))}  ${first}`, ...rest.map((line) => ' '.repeat(width + 2) + line)]
  })
}

function everythingOf(protocol: Protocol): string[] {
  const { model, properties, spec } = protocol
  const system = instantiate(model)
  const parameters = Object.entries(model.declared.parameters ?? {}).map(
    ([name, { domain, default: value, says }]) =>
      [name, `${spell(domain.shape)}, default ${String(value)}: ${says}`] as const,
  )
  const patches = (model.declared.patches ?? []).map(({ name, kind, says }) => [name, `${kind}: ${says}`] as const)
  return [
    paint('bold', protocol.name),
    ...wrapped(model.declared.question, columns()),
    ...section(
      'instances',
      spec.instances.map(({ id, says }) => [id, says] as const),
    ),
    ...section(
      'properties',
      propertiesFor(system, properties).map(({ name, kind, says }) => [name, `${kind}: ${says}`] as const),
    ),
    ...section('parameters', parameters),
    ...section('patches', patches),
    ...section(
      'actors',
      Object.entries(model.declared.actors).map(([name, { says }]) => [name, says] as const),
    ),
    ...section(
      'steps',
      targetNames(system.parts).map((name) => [name, ''] as const),
    ),
  ]
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return []
  const width = Math.min(28, Math.max(...rows.map(([name]) => name.length)))
  const lines = rows.flatMap(([name, text]) => {
    const [first, ...rest] = wrapped(text, columns() - width - 4)
    return [`  ${padded(name, width)}  ${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(width + 4) + line)]
  })
  return ['', paint('bold', title), ...lines]
}
