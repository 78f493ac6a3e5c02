/** How another thread makes the same system and watches the same things: functions cannot be sent, but modules can be named. */

import type { System } from '../../write/system.js'
import type { Watch } from '../expander.js'

/** A module whose export `follow` makes a system and a watch from an argument of plain data. */
export interface Recipe {
  /** The module's URL. */
  readonly module: string
  readonly argument: unknown
}

/** What a recipe makes. */
export interface Prepared {
  readonly system: System
  readonly watch: Watch
}

/** Follows a recipe. */
export async function followed({ module, argument }: Recipe): Promise<Prepared> {
  const { follow } = (await import(module)) as { follow: (argument: unknown) => Prepared | Promise<Prepared> }
  return await follow(argument)
}
