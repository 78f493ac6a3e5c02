/** Claims that are not met as GitHub's workflow commands: what it shows beside the lines of a change. */

import { placeOf } from '../place.js'
import type { Mistake } from '../../write/mistake.js'
import type { Declared } from '../declared.js'
import { claimedIn, type Settled } from '../claim-result.js'

/** A line for each claim that is not met, at the declaration of its property, or at the scenario. */
export const annotationsOf = (claims: readonly Settled[], declared: (claim: Settled) => Declared): readonly string[] =>
  claims.flatMap((claim) => {
    const { protocol, instance } = claim
    const places = claim.differences.length > 0 ? declared(claim) : () => undefined
    return claimedIn(claim).flatMap(({ name, kind, says, wrong, isOpen }) => {
      if (wrong === undefined) return []
      const word = kind === 'property' ? 'Required' : 'Scenario'
      return [
        command(isOpen ? 'warning' : 'error', places(name), `${protocol}/${instance.id}`, `${wrong}. ${word}: ${says}`),
      ]
    })
  })

/** A mistake as a workflow command. */
export const annotationOf = (mistake: Mistake): string =>
  command('error', placeOf(mistake.at, mistake.path), 'thawproof', mistake.message)

function command(
  level: 'error' | 'warning',
  place: { readonly file: string; readonly line: number; readonly column: number } | undefined,
  title: string,
  text: string,
): string {
  const fields = {
    ...(place && { file: place.file, line: String(place.line), col: String(place.column) }),
    title,
  }
  const told = Object.entries(fields).map(
    ([name, value]) => `${name}=${escaped(value).replace(/:/g, '%3A').replace(/,/g, '%2C')}`,
  )
  return `::${level} ${told.join(',')}::${escaped(text)}`
}

/** What workflow commands want escaped. */
const escaped = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
