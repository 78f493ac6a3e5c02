/** Hibernation beyond the device walks: memory is copied, the image written, and the machine goes off, or does not. */

import { source } from '../../src/index.js'
import { fail, mayFail, words, type State } from './state.js'

const { step } = words
const file = 'kernel/power/hibernate.c'

/** create_image() and hibernation_platform_enter(), at their deepest point. */
export const snapshotSteps = [
  step('swsusp_arch_suspend', {
    origin: source(file, 'create_image'),
    says: 'in_suspend = 1; memory is copied, or, on the second descent, there is nothing to copy',
    either: {
      made: {
        when: (s) => s.message === 'freeze',
        then: (d) => {
          d.image = 'made'
          d.undo = 'thaw'
        },
        goto: 'syscore_resume',
      },
      fails: {
        when: (s) => s.message === 'freeze' && mayFail(s),
        then: (d) => {
          fail(d)
          d.undo = 'recover'
        },
        goto: 'syscore_resume',
      },
      none: { when: (s) => s.message === 'poweroff' },
    },
  }),
  step('hibernation_ops-enter', {
    origin: source(file, 'hibernation_platform_enter'),
    says: 'the point of no return: what is still pending in hardware turns the machine on again at once',
  }),
]

/** The restored world: memory is as it was in the snapshot, all devices lost their power, the image is spent. */
export function hibernated(d: State): void {
  for (const dev of d.dev) dev.stopped = 'reset'
  d.image = 'none'
  d.undo = 'restore'
  d.armed = false
  d.gfp = 1
  d.result = 'fine'
}

/** hibernate() after hibernation_snapshot(), and power_down(). */
export const writeImage = step('swsusp_write', {
  origin: source(file, 'hibernate'),
  either: {
    written: {
      says: 'then the devices go down again, now for power-off',
      when: (s) => s.image === 'made',
      then: (d) => {
        d.image = 'written'
        d.message = 'poweroff'
        d.undo = 'restore'
      },
      goto: 'dpm_prepare',
    },
    fails: {
      when: (s) => s.image === 'made' && mayFail(s),
      then: (d) => {
        fail(d)
        d.image = 'none'
        d.gfp--
      },
    },
    unmarked: {
      origin: source(file, 'power_down'),
      says: '-EBUSY or -EAGAIN: the image must not be honoured by the next boot; power_down() returns nothing',
      when: (s) => s.image === 'written',
      then: (d) => {
        d.image = 'none'
        d.armed = false
        d.result = 'fine'
        d.gfp = Math.max(0, d.gfp - 1)
      },
    },
    kernel_power_off: {
      origin: source(file, 'power_down'),
      says: 'any other error: with the devices resumed the machine is switched off all the same, and restores the image when it is on again',
      when: (s) => s.image === 'written' && s.result === 'error',
      then: (d) => {
        d.image = 'none'
        d.slept = true
        d.armed = false
        d.result = 'fine'
        d.gfp = 0
      },
    },
    nothing: { when: (s) => s.image === 'none' },
  },
})
