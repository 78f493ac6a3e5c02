/** Where the program begins: in the page it shows the explorer, in a worker it searches. */

import type { Model } from '../../../write/model.js'
import type { Properties } from '../../../write/property.js'
import type { Subject } from '../subject.js'
import { Variants } from '../variants.js'
import { show } from './app.js'
import { serve } from './worker.js'

/** Begins, with what was bundled. */
export function start(model: Model, properties: Properties): void {
  if (typeof document === 'undefined') return serve((subject) => new Variants(model, properties, subject))
  const subject = JSON.parse(document.getElementById('data')!.textContent) as Subject
  show(new Variants(model, properties, subject), document.getElementById('app')!)
}
