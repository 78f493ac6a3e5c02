/** How another thread makes the same system and watches the same things: functions cannot be sent, but modules can be named. */

import type { System } from '../../write/system.js'
import type { Watch } from '../expander.js'
import type { Root } from '../purity/closures.js'

/** A module whose export `follow` makes a system and a watch from an argument of plain data, and the name in `of`. */
export interface Recipe {
  /** The module's URL. */
  readonly module: string
  readonly argument: unknown
  /** Which search is meant: that of the property of this name alone; absent: the one that most properties share. */
  readonly of?: string
}

/** What a recipe makes. */
export interface Prepared {
  readonly system: System
  readonly watch: Watch
  /** The code that the search calls; absent: only the other thread looks at what it reaches. */
  readonly code?: readonly Root[]
}

/** Follows a recipe. */
export async function followed({ module, argument, of }: Recipe): Promise<Prepared> {
  const { follow } = (await import(module)) as {
    follow: (argument: unknown, of?: string) => Prepared | Promise<Prepared>
  }
  return await follow(argument, of)
}
