/** Why a step cannot be taken, in words, with who could change that. */

import type { JSX } from 'preact'
import { endOf } from '../../../search/run.js'
import type { Cause } from '../../explanation.js'
import { whatIs } from '../../reason.js'
import { shown } from '../../text.js'
import type { Reason } from '../choices.js'
import { helpers } from '../waits.js'
import { nobody } from '../writers.js'
import type { View } from './view.js'

const causeText = ({ field, value, step, mends }: Cause): string => {
  const since = step === null ? 'from the start' : `since step ${step}`
  const wanted =
    mends.length === 0 ? '' : `; wants ${mends.slice(0, 5).map(shown).join(' or ')}${mends.length > 5 ? ' or …' : ''}`
  return `${whatIs(field)} ${shown(value)} ${since}${wanted}`
}

const whose = { step: 'its guard', alternative: 'the guard of this alternative', both: 'both guards' } as const

/** The reason in words. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'absent':
      return 'this variant has no such step'
    case 'elsewhere':
      return `${reason.thread} stands at ${reason.stands}, not at ${reason.wanted}`
    case 'faulty':
      return reason.says
    case 'guard':
      return reason.causes.length === 0
        ? `${whose[reason.of]} is false`
        : `${whose[reason.of]} is false: ${reason.causes.map(causeText).join('; ')}`
  }
}

/** The same in a sentence. */
export const ReasonText = ({ reason }: { reason: Reason }): JSX.Element => <span>{reasonText(reason)}</span>

/** The reason with who could make it otherwise. */
export function ReasonWithHelpers({ reason, view }: { reason: Reason; view: View }): JSX.Element {
  const { system } = view.here
  const state = endOf(view.here)
  const causes = reason.kind === 'guard' ? reason.causes.filter(({ mends }) => mends.length > 0) : []
  return (
    <div class="reason">
      <p class="bad">{reasonText(reason)}</p>
      {causes.map(({ field, mends }) => {
        const by = helpers(system, state, field, mends)
        return (
          <p>
            {by.length === 0
              ? `${field}: ${nobody(system)} can still change it so.`
              : `${field} could be made so by ${[...new Set(by.map(({ step }) => step))].join(', ')}.`}
          </p>
        )
      })}
    </div>
  )
}
