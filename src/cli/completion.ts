/** `thawproof completion`: what a shell offers when Tab is pressed: commands, options, and names of protocols, instances, properties and patches. */

import { Argument, type Command } from 'commander'
import { propertiesFor } from '../search/check.js'
import { join } from 'node:path'
import { packageRoot } from '../tell/file.js'
import { protocolNames, type Protocol } from '../tell/protocol.js'
import { readSpec } from '../tell/spec.js'
import { instantiate } from '../write/system.js'
import { isFile, ownModels } from './load.js'
import { protocolAt } from './target.js'

/** What a shell runs once, for each that is known; all ask the program itself what fits. */
const scripts = {
  bash: `_thawproof() {
  local IFS=$'\\n'
  COMPREPLY=($(thawproof complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[/=] ]]; then compopt -o nospace; fi
}
complete -o default -F _thawproof thawproof
`,
  zsh: `#compdef thawproof
_thawproof() {
  local -a found
  found=("\${(@f)$(thawproof complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -Q -- \${found:#*[/=]}
  compadd -Q -S '' -- \${(M)found:#*[/=]}
  _files
}
compdef _thawproof thawproof
`,
  fish: `complete -c thawproof -a '(thawproof complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
} as const

/** Adds the command, and the one that the scripts call. */
export function completionCommand(root: Command): void {
  root
    .command('completion')
    .description('print what makes a shell complete names: put it into its start file')
    .addArgument(new Argument('<shell>', 'which').choices(Object.keys(scripts)))
    .addHelpText('after', '\nFor bash: echo \'eval "$(thawproof completion bash)"\' >> ~/.bashrc')
    .action((shell: keyof typeof scripts) => void process.stdout.write(scripts[shell]))
  root.command('complete [words...]', { hidden: true }).action(async (words: string[]) => {
    const found = await completionsFor(root, words)
    process.stdout.write(found.map((one) => `${one}\n`).join(''))
  })
}

/** What the last of some words behind the program's name can become, in alphabetical order. */
export async function completionsFor(root: Command, words: readonly string[]): Promise<readonly string[]> {
  const [name = '', ...rest] = words
  const command = root.commands.find((one) => one.name() === name)
  if (rest.length === 0 || !command) return fitting(commandNames(root), name)
  const last = rest.at(-1)!
  const before = rest.at(-2) ?? name
  const target = rest.slice(0, -1).find((word) => !word.startsWith('-'))
  const named = async (namesOf: (protocol: Protocol) => readonly string[]): Promise<readonly string[]> =>
    target === undefined ? [] : fitting(namesOf((await protocolAt(target)).protocol), last)
  if (before === '--patch' || before === '--candidate') return named(patchesOf)
  if (before === '-p' || before === '--parameter')
    return named(({ model }) => Object.keys(model.declared.parameters ?? {}).map((one) => `${one}=`))
  const option = command.options.find(({ long, short }) => before === long || before === short)
  if (option?.argChoices) return fitting(option.argChoices, last)
  if (before === '--property' || before === '--except') return named(propertiesOf)
  if (last.startsWith('-'))
    return fitting(
      command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : [])),
      last,
    )
  if (option?.required) return []
  if (name === 'completion') return fitting(Object.keys(scripts), last)
  if (target === undefined || ['check', 'record', 'docs'].includes(name)) return targets(last)
  if (['trace', 'why', 'walk', 'bisect'].includes(name) && rest.filter((word) => !word.startsWith('-')).length === 2)
    return named(propertiesOf)
  return ['compare', 'bisect', 'review'].includes(name) ? named(variantsOf) : []
}

const commandNames = (root: Command): readonly string[] =>
  root.commands.flatMap((one) => (one.name() === 'complete' ? [] : [one.name()]))

const fitting = (all: readonly string[], begun: string): readonly string[] =>
  [...new Set(all)].filter((one) => one.startsWith(begun)).sort()

/** Protocols and own models; behind a slash the instances of one. */
async function targets(begun: string): Promise<readonly string[]> {
  const head = isFile(begun)
    ? /^(.*\.[cm]?[jt]s)\//.exec(begun)?.[1]
    : begun.includes('/')
      ? begun.split('/')[0]
      : undefined
  if (head === undefined) return fitting([...protocolNames(), ...ownModels()], begun)
  // Their names stand in the spec: no model need be loaded for them.
  const { instances } = protocolNames().includes(head)
    ? readSpec(join(packageRoot(), 'specs', `${head}.json`))
    : (await protocolAt(head)).protocol.spec
  return fitting(
    instances.map(({ id }) => `${head}/${id}`),
    begun,
  )
}

const patchesOf = ({ model }: Protocol): readonly string[] => (model.declared.patches ?? []).map(({ name }) => name)

const propertiesOf = ({ model, properties }: Protocol): readonly string[] => [
  'no-deadlock',
  'in-domain',
  ...propertiesFor(instantiate(model), properties).map(({ name }) => name),
]

const variantsOf = (protocol: Protocol): readonly string[] => [
  'base',
  ...patchesOf(protocol),
  ...protocol.spec.instances.map(({ id }) => id),
]
