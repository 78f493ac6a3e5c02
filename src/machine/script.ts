/** A run as a shell script: what it needs, its acts, what undoes them, what is collected, and whether the machine did it. */

import { readFileSync } from 'node:fs'
import { commandsOf, quoted, type Act, type Commands } from './act.js'

/** What of a run is done by an act. */
export interface ActedStep {
  /** Its number in the run, from 1. */
  readonly number: number
  readonly name: string
  readonly actor: string
  /** Who does what, for people. */
  readonly where: string
  /** Absent: it comes by itself, once what comes before it has. */
  readonly act?: Act
  /** The environment must do it and nobody has said how: told as a comment, so that nothing is passed over in silence. */
  readonly open?: string
}

/** A run to be made to happen. */
export interface Recipe {
  /** `protocol/instance`, as it is typed. */
  readonly target: string
  readonly property: string
  readonly requirement: string
  readonly says: string
  readonly variant: string
  readonly steps: readonly ActedStep[]
  /** Commands that show the run and hold a log against it, as they are typed. */
  readonly trace: string
  readonly log: string
}

/** The script, for a POSIX shell; clean by shellcheck. */
export function reproduceScript(recipe: Recipe): string {
  const acted = recipe.steps.flatMap((step) =>
    step.act ? [{ step, act: step.act, commands: commandsOf(step.act) }] : [],
  )
  const once = acted.filter(
    ({ act }, i) => acted.findIndex((other) => JSON.stringify(other.act) === JSON.stringify(act)) === i,
  )
  const of = (when: Commands['when']) => once.filter(({ commands }) => commands.when === when)
  // What a toolstack asks for and what it goes on to do is one command of it: the last one says which.
  const begins = of('begins').filter(
    ({ commands }, i, all) => commands.on === 'machine' || all[i + 1]?.commands.on !== 'host',
  )
  return `${[
    ...headOf(recipe),
    frame,
    '',
    ...checksOf(once.map(({ commands }) => commands)),
    'collect_begin',
    '',
    ...of('before').flatMap(({ step, commands }) => linesOf(step, commands)),
    ...of('during').flatMap(({ step, commands }) => duringOf(step, commands)),
    ...begins.flatMap(({ step, commands }) => linesOf(step, commands)),
    ...openOf(recipe.steps),
    ...(begins.length + of('during').length === 0
      ? ['# Nothing here begins the attempt: what would is not known as a command.']
      : []),
    'wait',
    'collect_end',
    '',
    '# Did the machine do this run? 0: it did; 1: something else, and where; 3: that cannot be told.',
    recipe.log.replace(/^thawproof /, 'judge '),
  ].join('\n')}\n`
}

const headOf = ({ target, property, requirement, says, variant, trace, steps }: Recipe): readonly string[] => [
  '#!/bin/sh',
  `# ${target}, ${property}: ${requirement}`,
  ...(says === '' ? [] : [`# ${says}`]),
  ...(variant === '' ? [] : [`# Of the variant ${variant}: the kernel must have what this one has.`]),
  `# The run: ${trace}`,
  ...steps.map(({ number, name, where }) => `#  ${String(number).padStart(3)} ${name} (${where})`),
  '# For a machine that may be lost. reproduce.sh --dry-run says what it would do, and does nothing.',
  '# GUEST: how to reach the machine that sleeps, if it is not this one (a name for ssh). WORK: a folder for what is collected.',
  '# Commands are handed to another shell as they are written: what they name is known there.',
  '# shellcheck disable=SC2016',
  'set -eu',
]

/** What every script has, but for the lines about the file itself. */
const frame = readFileSync(new URL('./frame.sh', import.meta.url), 'utf8')
  .split('\n')
  .slice(2)
  .join('\n')
  .trim()

function checksOf(commands: readonly Commands[]): readonly string[] {
  const all = <T>(part: (one: Commands) => readonly T[] | undefined): readonly T[] => [
    ...new Set(commands.flatMap((one) => part(one) ?? [])),
  ]
  const onHost = new Set(commands.filter(({ on }) => on === 'host').flatMap(({ needs }) => needs.tools ?? []))
  const place = (tool: string): string => (onHost.has(tool) ? 'here' : 'there')
  return [
    `need there '[ "$(id -u)" = 0 ]' 'root on the machine that sleeps'`,
    ...all(({ needs }) => needs.variables).flatMap((name) => [
      `need here '[ -n "\${${name}:-}" ]' 'the variable ${name}'`,
      `known ${name} "\${${name}:-}"`,
    ]),
    ...all(({ needs }) => needs.tools).map(
      (tool) => `need ${place(tool)} 'command -v ${tool} >/dev/null' 'the tool ${tool}'`,
    ),
    ...all(({ needs }) => needs.files).map((file) => `need there '[ -e ${file} ]' '${file}'`),
    ...all(({ needs }) => needs.options).map(
      (option) =>
        `need there '! [ -r /proc/config.gz ] || zgrep -q "^CONFIG_${option}=[ym]" /proc/config.gz' 'CONFIG_${option}'`,
    ),
  ]
}

function linesOf(step: ActedStep, { on, when, lines, undo, limit }: Commands): readonly string[] {
  const place = on === 'host' ? 'here' : 'there'
  return [
    `# step ${step.number}, ${step.name}${limit === undefined ? '' : `: ${limit}`}`,
    // What undoes it is known before it is done: it may be interrupted half-way.
    ...undo.map((line) => `later ${place} ${quoted(line)}`),
    ...lines.map((line) => `${when === 'begins' ? 'attempt ' : ''}${callOf(place, line)}`),
  ]
}

/** Functions of the script itself are called, all else is handed to a shell. */
const callOf = (place: string, line: string): string =>
  /^(by_hand|qmp) /.test(line) ? line : `${place} ${quoted(line)}`

/** What comes while the attempt runs goes beside it, some time after it has begun; what is done by hand, somebody begins. */
function duringOf(step: ActedStep, commands: Commands): readonly string[] {
  const told = linesOf(step, commands)
  if (commands.lines.every((line) => line.startsWith('by_hand '))) return told
  const isCommand = (line: string): boolean => !/^(#|later )/.test(line)
  return [
    ...told.filter((line) => !isCommand(line)),
    '(',
    '  [ "$DRY" = yes ] || sleep "${DELAY:-1}"',
    ...told.filter(isCommand).map((line) => `  ${line}`),
    ') &',
  ]
}

function openOf(steps: readonly ActedStep[]): readonly string[] {
  const open = steps.filter((step) => step.open !== undefined)
  return open.map(({ number, name, open: what }) => `# step ${number}, ${name}: no command is known. ${what!}`)
}
