/** How much a review may search: a reply is waited for. In states, not in seconds, so that every machine replies alike. */

import { check, propertiesFor, type Outcome } from '../../search/check.js'
import type { SearchOptions } from '../../search/explore.js'
import { isShared } from '../../search/plan.js'
import type { Properties } from '../../write/property.js'
import type { System } from '../../write/system.js'

/** How claims are searched; `thorough`: under all parameters that claims are made for, however large. */
export interface ClaimsOptions extends SearchOptions {
  readonly thorough?: boolean
}

/** How many states one search may have: in any case, or because it is said to be small. */
const [largest, smaller] = [60_000, 25_000]

/** How many all searches of a review may have that are not made in any case. */
const mostStates = 120_000

/** What a search takes besides its states, as so many more: code is made, and a sample done again. */
const besides = 8_000

/** The states that a review may still search. */
export class Budget {
  private left = mostStates

  constructor(private readonly asked: ClaimsOptions) {}

  get isThorough(): boolean {
    return this.asked.thorough === true
  }

  /**
   * A check. @param surely whether it is made whatever was searched before. @returns null if the space is too large; a lower
   * limit of the user's own cuts the outcome, and is told by it.
   */
  async search(system: System, properties: Properties, surely: boolean): Promise<Outcome | null> {
    const { maxStates = Infinity } = this.asked
    const most = this.isThorough ? Infinity : surely ? largest : Math.min(smaller, this.left)
    if (most <= 0) return null
    const limit = Math.min(most, maxStates)
    const options = limit === Infinity ? this.asked : { ...this.asked, maxStates: limit }
    const outcome = await check(system, properties, options)
    const cut = outcome.cut?.limit === 'states'
    // Some properties are searched for by themselves, in a space that is about as large.
    const alone = propertiesFor(system, properties).filter((property) => !isShared(property)).length
    this.left -= besides + (cut ? limit : outcome.states * (1 + alone))
    return cut && most < maxStates ? null : outcome
  }
}
