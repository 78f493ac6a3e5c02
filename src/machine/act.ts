/** Acts on a real machine that make a step of a run happen: what each needs, its commands, and what undoes it. */

/** One act, as data. */
export type Act =
  | { readonly kind: 'suspend'; readonly state: 'mem' | 'freeze' | 'disk' }
  | { readonly kind: 'pm_test'; readonly level: 'freezer' | 'devices' | 'platform' | 'processors' | 'core' }
  | { readonly kind: 'wakeup_count' }
  | { readonly kind: 'wake'; readonly seconds: number }
  | { readonly kind: 'notifier_error'; readonly notifier: string; readonly action: string; readonly error: number }
  | { readonly kind: 'failslab'; readonly times: number }
  | { readonly kind: 'fail_function'; readonly symbol: string; readonly error: number }
  | { readonly kind: 'cpu'; readonly cpu: number; readonly online: 0 | 1 }
  | { readonly kind: 'freeze_fs' }
  | { readonly kind: 'disk_io' }
  | { readonly kind: 'net_io' }
  | { readonly kind: 'xl'; readonly command: 'save -c' | 'save' | 'migrate' | 'pause' | 'unpause' }
  | { readonly kind: 'xl_full' }
  | { readonly kind: 'criu_dump' }
  | { readonly kind: 'vmm'; readonly command: 'pause' | 'resume' | 'snapshot' }
  | { readonly kind: 'xenstore'; readonly node: string; readonly value: string }
  | {
      readonly kind: 'qmp'
      readonly execute: string
      readonly arguments?: Readonly<Record<string, string | number | boolean>>
    }
  | { readonly kind: 'by_hand' | 'itself'; readonly says: string }

/** When in a script: before the attempt begins, as what begins it, or while it runs; or it needs nothing. */
export type When = 'before' | 'begins' | 'during' | 'itself'

/** An act in the language of the shell. */
export interface Commands {
  readonly when: When
  /** Where: on the machine that sleeps, or on the host that it is a guest of. */
  readonly on: 'machine' | 'host'
  /** One command a line. */
  readonly lines: readonly string[]
  readonly undo: readonly string[]
  readonly needs: Needs
  /** What it cannot do. */
  readonly limit?: string
}

/** What must be there. */
export interface Needs {
  readonly tools?: readonly string[]
  readonly files?: readonly string[]
  readonly options?: readonly string[]
  readonly variables?: readonly string[]
}

const injector = '/sys/kernel/debug/notifier-error-inject'

/** An act as commands for a POSIX shell. */
export function commandsOf(act: Act): Commands {
  const machine = { on: 'machine', undo: [] } as const
  const host = { on: 'host', undo: [] } as const
  switch (act.kind) {
    case 'suspend':
      return {
        ...machine,
        when: 'begins',
        lines: [`echo ${act.state} > /sys/power/state`],
        needs: { files: ['/sys/power/state'], options: [act.state === 'disk' ? 'HIBERNATION' : 'SUSPEND'] },
      }
    case 'pm_test':
      return {
        ...machine,
        when: 'before',
        lines: [`echo ${act.level} > /sys/power/pm_test`],
        undo: ['echo none > /sys/power/pm_test'],
        needs: { files: ['/sys/power/pm_test'], options: ['PM_DEBUG', 'PM_SLEEP_DEBUG'] },
        limit: 'the attempt turns back there, after five seconds, and never sleeps',
      }
    case 'wakeup_count':
      return {
        ...machine,
        when: 'before',
        lines: ['cat /sys/power/wakeup_count > "$WORK/count"', 'cat "$WORK/count" > /sys/power/wakeup_count'],
        needs: { files: ['/sys/power/wakeup_count'] },
      }
    case 'wake':
      return {
        ...machine,
        when: 'before',
        lines: [`rtcwake -m no -s ${act.seconds}`],
        undo: ['rtcwake -m disable'],
        needs: { tools: ['rtcwake'], files: ['/dev/rtc0'] },
        limit: 'it comes at a time, not at a step: vary the seconds',
      }
    case 'notifier_error':
      return {
        ...machine,
        when: 'before',
        lines: [`echo ${act.error} > ${injector}/${act.notifier}/actions/${act.action}/error`],
        undo: [`echo 0 > ${injector}/${act.notifier}/actions/${act.action}/error`],
        needs: {
          files: [`${injector}/${act.notifier}/actions/${act.action}/error`],
          options: ['NOTIFIER_ERROR_INJECTION', `${act.notifier.toUpperCase()}_NOTIFIER_ERROR_INJECT`],
        },
      }
    case 'failslab':
      return {
        ...machine,
        when: 'before',
        lines: [
          'echo 100 > /sys/kernel/debug/failslab/probability',
          `echo ${act.times} > /sys/kernel/debug/failslab/times`,
          'echo Y > /sys/kernel/debug/failslab/ignore-gfp-wait || true',
        ],
        undo: ['echo 0 > /sys/kernel/debug/failslab/probability'],
        needs: {
          files: ['/sys/kernel/debug/failslab/probability'],
          options: ['FAULT_INJECTION', 'FAILSLAB', 'FAULT_INJECTION_DEBUG_FS'],
        },
        limit:
          'it hits whoever allocates next: narrow it with require-start and require-end where FAULT_INJECTION_STACKTRACE_FILTER is there',
      }
    case 'fail_function':
      return {
        ...machine,
        when: 'before',
        lines: [
          `echo ${act.symbol} > /sys/kernel/debug/fail_function/inject`,
          `printf %#x ${act.error} > /sys/kernel/debug/fail_function/${act.symbol}/retval`,
          'echo 100 > /sys/kernel/debug/fail_function/probability',
          'echo 1 > /sys/kernel/debug/fail_function/times',
        ],
        undo: ['echo > /sys/kernel/debug/fail_function/inject'],
        needs: {
          files: ['/sys/kernel/debug/fail_function/inject'],
          options: ['FAULT_INJECTION', 'FUNCTION_ERROR_INJECTION', 'FAIL_FUNCTION'],
        },
        limit: `${act.symbol} must be marked ALLOW_ERROR_INJECTION in this kernel: add the mark if it is not`,
      }
    case 'cpu':
      return {
        ...machine,
        when: 'during',
        lines: [`echo ${act.online} > /sys/devices/system/cpu/cpu${act.cpu}/online`],
        undo: [`echo 1 > /sys/devices/system/cpu/cpu${act.cpu}/online`],
        needs: { files: [`/sys/devices/system/cpu/cpu${act.cpu}/online`], options: ['HOTPLUG_CPU'] },
      }
    case 'freeze_fs':
      return {
        ...machine,
        when: 'before',
        lines: ['fsfreeze -f "$MOUNT"'],
        undo: ['fsfreeze -u "$MOUNT"'],
        needs: { tools: ['fsfreeze'], variables: ['MOUNT'] },
      }
    case 'disk_io':
      return {
        ...machine,
        when: 'during',
        lines: ['dd if="$DISK" of=/dev/null bs=4k count=4096 iflag=direct'],
        needs: { tools: ['dd'], variables: ['DISK'] },
      }
    case 'net_io':
      return {
        ...machine,
        when: 'during',
        lines: ['ping -i 0.01 -c 500 "$PEER"'],
        needs: { tools: ['ping'], variables: ['PEER'] },
      }
    case 'xl':
      return {
        ...host,
        when: act.command.endsWith('pause') ? 'during' : 'begins',
        lines: [
          `xl ${act.command} "$DOMAIN"${{ 'save -c': ' "$WORK/image"', save: ' "$WORK/image"', migrate: ' "$PEER"', pause: '', unpause: '' }[act.command]}`,
        ],
        needs: { tools: ['xl'], variables: act.command === 'migrate' ? ['DOMAIN', 'PEER'] : ['DOMAIN'] },
      }
    case 'xl_full':
      return {
        ...host,
        when: 'begins',
        lines: [
          'mkdir -p "$WORK/full"',
          'mount -t tmpfs -o size=64k tmpfs "$WORK/full"',
          'xl save "$DOMAIN" "$WORK/full/image" || true',
        ],
        undo: ['umount "$WORK/full"'],
        needs: { tools: ['xl', 'mount'], variables: ['DOMAIN'] },
      }
    case 'criu_dump':
      return {
        ...machine,
        when: 'begins',
        lines: ['criu dump --tree "$TREE" --images-dir "$WORK" --shell-job'],
        needs: { tools: ['criu'], variables: ['TREE'] },
      }
    case 'vmm':
      return {
        ...host,
        when: 'begins',
        lines: [`ch-remote --api-socket "$VMM" ${act.command}${act.command === 'snapshot' ? ' "file://$WORK"' : ''}`],
        needs: { tools: ['ch-remote'], variables: ['VMM'] },
      }
    case 'xenstore':
      return {
        ...host,
        when: 'during',
        lines: [`xenstore-write "/local/domain/$(xl domid "$DOMAIN")/${act.node}" ${act.value}`],
        needs: { tools: ['xl', 'xenstore-write'], variables: ['DOMAIN'] },
      }
    case 'qmp':
      return {
        ...host,
        when: 'during',
        lines: [
          `qmp ${quoted(JSON.stringify({ execute: act.execute, ...(act.arguments && { arguments: act.arguments }) }))}`,
        ],
        needs: { tools: ['socat'], variables: ['QMP'] },
        limit: 'it comes at a time, not at a step',
      }
    case 'itself':
      return { ...machine, when: 'itself', lines: [], needs: {} }
    case 'by_hand':
      return { ...machine, when: 'during', lines: [`by_hand ${quoted(act.says)}`], needs: {} }
  }
}

/** A text as one word of a shell. */
export const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`
