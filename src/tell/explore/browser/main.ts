/** Where the program begins: in the page it shows the explorer, in a worker it searches. */

import type { Subject } from '../subject.js'
import { Variants, type Code } from '../variants.js'
import { show } from './app.js'
import { serve } from './worker.js'

/** Begins, with what was bundled. */
export function start(code: Code): void {
  if (typeof document === 'undefined') return serve((subject) => new Variants(code, subject))
  const subject = JSON.parse(document.getElementById('data')!.textContent) as Subject
  show(new Variants(code, subject), document.getElementById('app')!)
}
