/** The lines that a guest's kernel prints while it resumes its devices. */

import { ringInUse } from './frontends.js'
import type { DeviceName, SeenState } from './state.js'

/** What `gnttab_end_foreign_access` prints for one entry that is in use. */
const inUseLines = {
  leak: ['WARNING: g.e. still in use!', 'WARNING: leaking g.e. and page still in use!'],
  free: ['WARNING: g.e. still in use!'],
  defer: ['xen:grant_table: WARNING: g.e. still in use!', 'deferring g.e.'],
} as const

/** The warnings of a teardown: one per ring grant in use, one for vbd, two (tx, rx) for vif. */
export const inUseWarnings =
  (name: DeviceName) =>
  (s: SeenState): readonly string[] => {
    if (!ringInUse(s.dev[name])) return []
    const lines = inUseLines[s.endAccess]
    return name === 'vbd' ? lines : [...lines, ...lines]
  }

/**
 * The PM core's line for a device, then the warnings of its teardown.
 * Of two block devices the second, vbd-51760, has no driver bound and returns at once; it is not in the state.
 */
export const resumeLines =
  (name: DeviceName, verb: string) =>
  (s: SeenState): readonly string[] => {
    const warnings = verb.endsWith('thaw') ? [] : inUseWarnings(name)(s)
    return name === 'vbd'
      ? [`vbd vbd-51712: ${verb}`, ...warnings, `xen vbd-51760: ${verb}`]
      : [`vif vif-0: ${verb}`, ...warnings]
  }

/** What a refusing device makes the PM core and `do_suspend` print. */
export const refusalLines = (): readonly string[] => [
  'PM: Device vhci_hcd failed to freeze: error -16',
  'xen:manage: do_suspend: dpm_suspend_start -16',
]
