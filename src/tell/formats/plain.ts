/** Why a run breaks what is required, for readers to whom premises, goals and fairness mean nothing. */

import { listed } from '../../search/liveness/assumptions.js'
import type { Trace } from '../trace.js'

/** What the checker says of runs, and the same in plain words; `it` is what was expected. */
const plain: readonly (readonly [said: RegExp, (...parts: string[]) => string])[] = [
  [
    /^its premise holds after step (\d+) and its goal never follows$/,
    (step) => `${due(step)}, and it never comes about.`,
  ],
  [/^it never happens$/, () => 'It never comes about.'],
  [/^from some step on it never happens again$/, () => 'From some step on it never comes about again.'],
  [/^it does not hold where the run ends$/, () => 'It is not so where the run above ends.'],
  [/^it fails again and again$/, () => 'Time and again it is not so.'],
  [/^a run breaks it$/, () => 'The run above breaks it.'],
  [/^the run ends here: nothing can happen any more$/, () => 'Nothing can happen any more.'],
  [
    /^the run may stop here: only (.+) could go on, and no fairness is assumed of (it|them)$/,
    (who, them) => `Only ${who} could go on, and nothing obliges ${them} to.`,
  ],
  // Who acts in a loop is told with the loop.
  [/^(.+) acts? in the loop$/, () => ''],
  [
    /^(.+) cannot act in some state of it, which weak fairness allows$/,
    (who) => `Now and then ${who} could act, but not at every moment, and never does.`,
  ],
  [/^no fairness is assumed of (.+)$/, (who) => `Nothing obliges ${who} to act.`],
  [/^no fairness assumption would help$/, () => 'That everybody gets a turn would not change it.'],
  [/^it would hold with (.+)$/, (needs) => relied(needs)],
  [
    /^from its last state the goal cannot be reached any more$/,
    () => 'From there on it can no longer come about, whatever happens.',
  ],
]

const due = (step = ''): string => (step === '0' ? 'It is due from the start' : `It is due after step ${step}`)

/** `weak fairness of a and strong fairness of b` as somebody who is relied on. */
function relied(needs = ''): string {
  const who = [...needs.matchAll(/(weak|strong) fairness of (.+?)(?=, (?:weak|strong) | and (?:weak|strong) |$)/g)]
  const rarely = who.filter(([, fair]) => fair === 'strong').map(([, , name]) => name!)
  const often = rarely.length === 0 ? '' : `, ${listed(rarely)} even where that is possible only now and then`
  return `It would come about if ${listed(who.map(([, , name]) => name!))} could be relied on to act${often}.`
}

/** A reason of the checker's in plain sentences. */
export function plainly(why: string): string {
  const sentences = why.split('; ').map((said) => {
    const clause = said.replace(/^fair because /, '')
    for (const [form, words] of plain) {
      const found = form.exec(clause)
      if (found) return words(...found.slice(1))
    }
    return clause === '' ? '' : `${clause[0]!.toUpperCase()}${clause.slice(1)}.`
  })
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

/** What keeps happening on a run that goes round for ever; `named` is how a step is called. */
export function repeated({ steps, loop }: Trace, named: (step: Trace['steps'][number]) => string): string {
  const round = steps.slice(loop!)
  const which = round.length === 1 ? `Step ${steps.length} repeats` : `Steps ${loop! + 1} to ${steps.length} repeat`
  const actors = [...new Set(round.map(({ actor }) => actor))].map((actor) => {
    const own = [...new Set(round.filter((step) => step.actor === actor).map(named))]
    return `${actor} goes through ${listed(own)}`
  })
  return `${which} for ever: ${listed(actors)}, again and again.`
}
