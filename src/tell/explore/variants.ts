/** The variants of a protocol as systems, made when they are asked for, with their properties and their cancels. */

import { propertiesFor } from '../../search/check.js'
import type { CancelPlan } from '../../write/cancel.js'
import type { Model, Patch } from '../../write/model.js'
import type { Picture } from '../../write/picture.js'
import type { Properties, Property } from '../../write/property.js'
import { instantiate, type System } from '../../write/system.js'
import type { Named } from '../trace.js'
import { withCancels } from './question.js'
import type { Subject, Variant } from './subject.js'

/** How a variant is named on a command line. */
export const namedOn = ({ address }: Subject, { id, listed, parameters, patches }: Variant): Named => ({
  address,
  id: listed ? id : null,
  parameters,
  patches,
})

/** A variant made ready. */
export interface Ready {
  readonly variant: Variant
  readonly system: System
  readonly properties: readonly Property[]
  /** Plans of cancels, each with the system that has them in it. */
  readonly cancels: ReadonlyMap<CancelPlan<unknown>, System>
}

/** The code of a protocol. */
export interface Code {
  readonly model: Model
  readonly properties: Properties
  /** How states are shown beside their fields; empty if only as fields. */
  readonly picture: Picture<unknown>
}

/** All variants of a page. */
export class Variants {
  private readonly made = new Map<string, Ready>()

  constructor(
    readonly code: Code,
    readonly subject: Subject,
  ) {}

  get model(): Model {
    return this.code.model
  }

  /** The variant of that name, `B01`, or of one with a patch more or less, `B01 +fix`; the one to begin with if there is none. */
  named(id: string): Variant {
    const { variants, chosen } = this.subject
    const listed = variants.find((one) => one.id === id)
    if (listed) return listed
    const [, base, sign, patch] = /^(.*) ([+-])(\S+)$/.exec(id) ?? []
    const from = variants.find((one) => one.id === base)
    const isKnown = this.patches.some(({ name }) => name === patch)
    if (!from || !isKnown) return variants[chosen]!
    const others = from.patches.filter((name) => name !== patch)
    const says = this.patches.find(({ name }) => name === patch)!.says
    return {
      ...from,
      id,
      listed: false,
      patches: sign === '+' ? [...others, patch!] : others,
      says: `${from.id} ${sign === '+' ? 'with' : 'without'} ${patch}: ${says}`,
    }
  }

  /** The patches that the model declares. */
  get patches(): readonly Patch[] {
    return this.model.declared.patches ?? []
  }

  /** The names of a variant with one patch more or less. */
  toggled({ id, patches }: Variant): readonly string[] {
    return this.patches.map(({ name }) => `${id} ${patches.includes(name) ? '-' : '+'}${name}`)
  }

  /** @throws Mistake for a choice that cannot be made. */
  ready(id: string): Ready {
    const before = this.made.get(id)
    if (before) return before
    const variant = this.named(id)
    const { parameters, patches, fairness } = variant
    const system = instantiate(this.model, { parameters, patches, ...(fairness && { fairness }) })
    const properties = propertiesFor(system, this.code.properties)
    const ready = { variant, system, properties, cancels: withCancels(system, properties) }
    this.made.set(id, ready)
    return ready
  }
}
