/** Older kernels and broken ones: what each error of the corpus changes in the PM core. */

import { source } from '../../src/index.js'
import type { Args, Edit, Frozen } from '../../src/write/model.js'
import { atCursor, ownDevice, type Who } from './device.js'
import { words, woken, type State } from './state.js'
import { move, nextOn, walks } from './walk.js'

const { patch, step, edit } = words

type Effect = (d: State, args: Args) => void

/** The same edit of the PM core's own call and of the workers'. */
const inBoth = (
  target: string,
  change: (who: Who) => { then?: Effect; when?: (s: Frozen<State>, args: Args) => boolean },
): readonly Edit[] => [
  edit.replace(`pm.${target}`, change(atCursor)),
  edit.replace(`async.${target}`, change(ownDevice)),
]

/** Whether all devices registered before this one, its parents and suppliers among them, are through with the walk. */
const everyoneBefore = (s: Frozen<State>, i: number): boolean =>
  s.dev.every((dev, j) => j >= i || dev.completed || !dev.flag.suspend)

const descents = walks.filter((walk) => walk.undo !== undefined)

export const patches = [
  patch('stale-suspended-flag', {
    kind: 'era',
    says: 'power.is_suspended is set for a device left runtime-suspended, and device_resume() leaves it set.',
    reference: 'before d46c4c839c20',
    edits: inBoth('device_resume/direct', (who) => ({
      then: (d, args) => void d.dev[who(d, args)]!.disabled--,
    })),
  }),
  patch('splice-without-init', {
    kind: 'era',
    says: 'At an error the devices that were not reached are spliced onto the target list, and the source list keeps them too.',
    reference: 'before 079e8889ad13',
    edits: descents.map((walk) =>
      edit.replace(`pm.${walk.name}-abandon`, {
        then: (d) => {
          for (const dev of d.dev)
            if (dev.on[walk.from]) {
              if (!dev.started) dev.completed = true
              dev.on[walk.to] = true
            }
        },
      }),
    ),
  }),
  patch('no-completion-on-error', {
    kind: 'era',
    says: 'At an error the devices that were not reached are not completed, so whoever waits for one waits for ever.',
    reference: 'aa7a9275ab81 and 443046d1ad66, before the patch <6191258.lOV4Wx5bFT@rjwysocki.net>',
    edits: descents.map((walk) =>
      edit.replace(`pm.${walk.name}-abandon`, {
        then: (d) => {
          for (const [i, dev] of d.dev.entries()) if (dev.on[walk.from]) move(d, i, walk.from, walk.to)
        },
      }),
    ),
  }),
  patch('prepare-goes-on', {
    kind: 'era',
    says: 'dpm_prepare() goes on while its list is not empty, also after an error: the same device fails again and again.',
    reference: 'before 544e737dea5a',
    edits: [
      edit.replace('pm.dpm_prepare/fails', {
        when: (s) => nextOn(s, 'registered', false) >= 0 && (s.error || s.failures > 0),
        then: (d) => {
          if (!d.error) d.failures--
          d.error = true
          d.result = 'error'
        },
        goto: 'dpm_prepare',
      }),
    ],
  }),
  patch('must-resume-kept', {
    kind: 'era',
    says: 'power.must_resume stays set for a smart device that noirq suspend did not reach, so its early resume runs although its noirq resume does not.',
    reference: 'before be82483d1b60',
    edits: inBoth('device_resume_noirq/skipped', () => ({ then: () => {} })),
  }),
  patch('late-abort-clears-must-resume', {
    kind: 'fix',
    says: 'What be82483d1b60 does for an abort in noirq suspend, done for an abort in late suspend as well.',
    reference: 'our own, by analogy with be82483d1b60',
    edits: [
      edit.replace('pm.dpm_suspend_late-synchronize/failed', {
        then: (d) => {
          for (const dev of d.dev) if (dev.low) dev.must = false
        },
      }),
    ],
  }),
  patch('resume-unreached-smart', {
    kind: 'fix',
    says: 'A smart device that must be resumed goes, after its parents and suppliers, through noirq resume although noirq suspend, which would have left it alone, did not reach it.',
    reference: 'our own; 7.3.4 clears must_resume instead (main.c:812-825)',
    edits: inBoth('device_resume_noirq/skipped', (who) => ({
      when: (s, args) => {
        const { flag, low, must } = s.dev[who(s, args)]!
        return !flag.noirq && (!(low && must) || everyoneBefore(s, who(s, args)))
      },
      then: (d, args) => {
        const dev = d.dev[who(d, args)]!
        if (dev.must) dev.low = false
      },
    })),
  }),
  patch('direct-waits', {
    kind: 'fix',
    says: 'A directly-completed device waits for its parent and suppliers before its runtime PM is enabled.',
    reference: 'our own',
    edits: inBoth('device_resume/direct', (who) => ({
      when: (s, args) => {
        const dev = s.dev[who(s, args)]!
        return dev.flag.suspend && dev.direct && everyoneBefore(s, who(s, args))
      },
    })),
  }),
  patch('unconditional-enable', {
    kind: 'era',
    says: 'device_resume_early() enables runtime PM whether or not device_suspend_late() disabled it.',
    reference: 'before f384497a76ed',
    edits: [
      ...inBoth('device_resume_early/skipped', (who) => ({ then: (d, args) => void d.dev[who(d, args)]!.disabled-- })),
      ...inBoth('device_suspend_late/fails', (who) => ({
        then: (d, args) => {
          d.failures--
          d.error = true
          d.result = 'error'
          d.dev[who(d, args)]!.disabled++
        },
      })),
    ],
  }),
  patch('prepare-error-keeps-block', {
    kind: 'era',
    says: 'device_prepare() blocks pm_runtime_enable() and, if the callback fails, gives back the usage count only.',
    reference: 'before pm_runtime_unblock() was added to its error path; in 6.12.117 and 7.3.4 it is',
    edits: [
      edit.replace('pm.dpm_prepare/fails', {
        then: (d) => {
          d.failures--
          d.error = true
          d.result = 'error'
          d.dev[nextOn(d, 'registered', false)]!.held = true
        },
      }),
    ],
  }),
  patch('recover-before-snapshot', {
    kind: 'fix',
    says: 'What is undone before memory was copied is undone with RECOVER, as include/linux/pm.h has it.',
    reference: 'our own; 7.3.4 does not',
    edits: [
      edit.replace('pm.hibernate', {
        then: (d) => {
          d.message = 'freeze'
          d.undo = 'recover'
        },
      }),
    ],
  }),
  patch('hibernate-tells', {
    kind: 'fix',
    says: 'A wake-up before memory is copied is an error, and power_down() returns why the machine did not go off.',
    reference: 'our own; 7.3.4 does not',
    edits: [
      edit.replace('pm.pm_wakeup_pending/woken', { then: woken }),
      edit.replace('pm.swsusp_write/unmarked', {
        then: (d) => {
          d.image = 'none'
          d.armed = false
          d.gfp = Math.max(0, d.gfp - 1)
        },
      }),
    ],
  }),
  patch('powers-off-for-a-wakeup', {
    kind: 'era',
    says: 'power_down() ignores what hibernation_platform_enter() returns: a machine whose power-off was aborted for a wake-up is switched off all the same.',
    reference: 'before 0c4cae1bc00d; kernel/power/hibernate.c:674-680 of 6.1.192',
    edits: [
      edit.remove('pm.swsusp_write/unmarked'),
      edit.replace('pm.swsusp_write/kernel_power_off', { when: (s) => s.image === 'written' }),
    ],
  }),
  patch('restrict-before-prepare', {
    kind: 'fix',
    says: 'dpm_suspend_start() restricts before it prepares, so that every dpm_resume_end() has something to restore.',
    reference: 'our own; 7.3.4 does not',
    edits: [
      edit.replace('pm.dpm_prepare/fails', {
        then: (d) => {
          d.failures--
          d.error = true
          d.result = 'error'
          d.gfp++
        },
      }),
    ],
  }),
  patch('enter-returns', {
    kind: 'fault',
    says: 'The firmware returns from hibernation_ops->enter(): the kernel spins there for ever, with interrupts off.',
    edits: [edit.replace('pm.hibernation_ops-enter', { goto: 'end' })],
  }),
  patch('s2idle-no-recheck', {
    kind: 'fault',
    says: 's2idle_enter() does not look again under the lock: a wake-up since the last look is slept through.',
    edits: [edit.replace('pm.s2idle_enter/enters', { when: () => true }), edit.remove('pm.s2idle_enter/pending')],
  }),
  patch('no-handshake', {
    kind: 'fault',
    says: 'User space asks for sleep without writing back the wake-up count, so nothing arms the check.',
    edits: [edit.remove('pm.wakeup_count_store')],
  }),
  patch('last-test-too-early', {
    kind: 'fault',
    says: 'The last wake-up test is made before interrupts are off (check, then block).',
    edits: [
      edit.move('pm.pm_wakeup_pending', { before: 'pm.local_irq_disable' }),
      edit.replace('pm.pm_wakeup_pending/woken', { goto: 'suspend_enable_secondary_cpus' }),
    ],
  }),
  patch('enter-drops-pending', {
    kind: 'fault',
    says: 'The platform enters the sleep state although a wake-up is pending, and forgets it.',
    edits: [
      edit.replace('pm.suspend_ops-enter/sleeps', {
        when: () => true,
        then: (d) => {
          d.event ||= d.latched
          d.latched = false
        },
      }),
      edit.remove('pm.suspend_ops-enter/refused'),
    ],
  }),
  patch('noirq-not-undone', {
    kind: 'fault',
    says: 'After a failed noirq suspend the unwinding starts one stage too late, at early resume.',
    edits: [edit.replace('pm.dpm_suspend_noirq-synchronize/failed', { goto: 'dpm_resume_early' })],
  }),
  patch('syscore-undone-twice', {
    kind: 'fault',
    says: 'After a failed syscore_suspend(), which undid itself, the unwinding starts one stage too early.',
    edits: [edit.replace('pm.syscore_suspend/fails', { goto: 'syscore_resume' })],
  }),
  patch('no-wait', {
    kind: 'fault',
    says: 'device_suspend() does not wait for children and consumers.',
    edits: inBoth('device_suspend', () => ({ when: () => true })),
  }),
  patch('cpus-stay-on', {
    kind: 'fault',
    says: 'The secondary CPUs are not taken down.',
    edits: [edit.remove('pm.suspend_disable_secondary_cpus')],
  }),
  patch('always-pending', {
    kind: 'fault',
    says: 'The last wake-up test reports an event although there was none.',
    edits: [
      edit.replace('pm.pm_wakeup_pending/clear', { when: () => false }),
      edit.replace('pm.pm_wakeup_pending/woken', { when: () => true }),
    ],
  }),
  patch('thaw-before-resume', {
    kind: 'fault',
    says: 'User space is thawed before the devices are resumed.',
    edits: [
      edit.before(
        'pm.dpm_resume',
        step('thaw-early', {
          origin: source('kernel/power/process.c', 'thaw_processes'),
          then: (d) => void (d.frozen = 'none'),
        }),
      ),
    ],
  }),
  patch('no-thaw', {
    kind: 'fault',
    says: 'The undo of the freezer is dropped.',
    edits: [edit.remove('pm.thaw_processes')],
  }),
  patch('thaw-after-poweroff', {
    kind: 'fault',
    says: 'A power-off that is aborted is undone with the message of the snapshot, thaw.',
    edits: [
      edit.replace('pm.swsusp_write/written', {
        then: (d) => {
          d.image = 'written'
          d.message = 'poweroff'
        },
      }),
    ],
  }),
  patch('image-kept', {
    kind: 'fault',
    says: 'A power-off that is aborted leaves the image marked as valid.',
    edits: [
      edit.replace('pm.swsusp_write/unmarked', {
        then: (d) => {
          d.armed = false
          d.result = 'fine'
          d.gfp = Math.max(0, d.gfp - 1)
        },
      }),
    ],
  }),
]
