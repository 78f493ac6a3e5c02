/** `thawproof why`: what would have avoided a violation. */

import type { Command } from 'commander'
import type { Limits } from '../search/explore.js'
import { Unfinished, why, type Mark, type Move, type Wait, type Why, type Window } from '../ask/counterfactuals.js'
import { systemOf } from '../tell/protocol.js'
import { hangingText } from '../tell/hanging.js'
import { notedText } from '../tell/noted.js'
import { quoted, whatIs } from '../tell/reason.js'
import { asCalled, paint, wrapped } from '../tell/text.js'
import type { Property } from '../write/property.js'
import { commandLine } from '../tell/trace.js'
import { columns, interruptible, limitsOf, withBounds, withChoices } from './options.js'
import { choicesFor, onlyTarget, propertyNamed, type Choices } from './target.js'

interface WhyOptions extends Choices, Limits {}

/** Adds the command. */
export function whyCommand(root: Command): void {
  const command = root
    .command('why <protocol/instance> <property>')
    .description('tell which other order of the same steps, and which guard, would have avoided a violation')
    .action(async (name: string, property: string, options: WhyOptions) => {
      process.exitCode = await run(name, property, options)
    })
  withBounds(withChoices(command))
}

async function run(name: string, property: string, options: WhyOptions): Promise<number> {
  const { protocol, instance } = await onlyTarget('why', name, options)
  const system = systemOf(protocol, instance)
  const asked = propertyNamed(system, protocol, property)
  const { signal, done } = interruptible()
  try {
    const found = await why(system, protocol.properties, property, { ...limitsOf(options), signal })
    process.stdout.write(
      `${[...told(found, asked), '', `the run: ${asCalled(commandLine(['trace', name, property, ...choicesFor(options)]))}`].join('\n')}\n`,
    )
    return signal.aborted ? 130 : found.cut === null ? 0 : 3
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error
    process.stderr.write(`thawproof: ${error.message}\n`)
    return signal.aborted ? 130 : 3
  } finally {
    done()
  }
}

/** Guards that are worth telling. */
const few = 3

function told(
  { verdict, moves, window, fixed, waits, tried, undecided, cut }: Why,
  property: Property | undefined,
): string[] {
  const { property: name, says, run, why: found } = verdict
  const lines = (text: string): string[] => wrapped(text, columns(), '  ')
  const length = `${run.steps.length} ${run.steps.length === 1 ? 'step' : 'steps'}`
  return [
    paint('magenta', `${name} is violated in ${length}${run.loop === undefined ? '' : ', the last of them for ever'}`),
    ...lines(`required: ${says}`),
    ...(found === undefined ? [] : lines(found)),
    ...(run.loop === undefined ? hangingText(run) : []).flatMap(lines),
    ...[notedText(property, run)].flatMap((text) => (text === undefined ? [] : lines(text))),
    ...lines(paint('bold', windowText(window, fixed))),
    ...moves.slice(0, 1).flatMap((move) => lines(moveText(move))),
    ...(cut !== null
      ? lines(`no guard was tried: ${cut}`)
      : waits.length === 0
        ? lines(`none of ${tried - undecided} guards that one step could have waited for makes it hold`)
        : waits.slice(0, few).flatMap((wait) => lines(guardText(wait, name)))),
    ...(undecided === 0
      ? []
      : lines(
          `of ${tried} guards ${undecided} are not decided: their searches grew beyond four times the states, or a limit was hit`,
        )),
  ]
}

/** The nearest change of order that was tried, and under which the same steps break nothing. */
const moveText = ({ step, behind, name, behindName }: Move): string =>
  `had ${behindName} (step ${behind}) come before ${name} (step ${step}), the same steps would break nothing: tried`

/** On whose place the violation depends, as one sentence. */
function windowText(window: Window | null, fixed: string | null): string {
  if (fixed !== null) return `no other order of its steps was tried: ${fixed}`
  if (window === null)
    return 'it depends on no single step coming later: put off, alone or with what its thread does next, none avoids it'
  const { inside, after, before } = window
  const named = ({ name, step }: Mark): string => (step === null ? name : `${name} (step ${step})`)
  const where =
    after && before
      ? `between ${named(after)} and ${named(before)}`
      : after
        ? `after ${named(after)}`
        : `before ${named(before!)}`
  return `fails only if ${named(inside)} runs ${where}`
}

function guardText({ name, field, value, breaks }: Wait, property: string): string {
  const rest = breaks.length === 0 ? 'and nothing else would break' : `but ${breaks.join(', ')} would not`
  return `had ${name} waited while ${whatIs(field)} ${quoted(value)}, ${property} would hold, ${rest}`
}
