/** What a call is to a comparison: does it stand for steps of the model, run a callback, is it passed over, or unexplained. */

import { fits, functionNamed, type Root, type Runs, type SourceMapping } from './mapping.js'
import { partsOf, type Call, type Expression } from './syntax.js'

/** What a mapping, and the names of a model's steps, say of a call. */
export type Role =
  | { readonly kind: 'steps'; readonly steps: readonly string[]; readonly pattern: string }
  | { readonly kind: 'ignored'; readonly pattern: string }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'open' }

/** Calls that say, look up or compute something: no protocol is about them, and they change nothing that is compared. */
const quiet =
  /^(pr_\w+|pm_\w*dbg|TPS|(dev|netdev|pci|netif|xenbus_dev)_(emerg|alert|crit|err|warn|warn_once|info|notice|dbg|printk|vdbg)(_ratelimited|_once)?|v?s?n?c?printk\w*|printk\w*|gprintk|gdprintk|dprintk|seq_\w+|WARN\w*|BUG\w*|ASSERT\w*|assert|g_assert\w*|trace_\w+|TRACE\w*|error_report|warn_report\w*|info_report|error_setg\w*|error_propagate|perfc_incr|likely|unlikely|IS_ERR\w*|PTR_ERR\w*|ERR_PTR|ERR_CAST|READ_ONCE|WRITE_ONCE|ACCESS_ONCE|container_of\w*|\w+_of|to_\w+|\w+_to_\w*dev\w*|dev_name|netdev_priv|netdev_get_tx_queue|cpumask_of|smp_(r|w)?mb\w*|(r|w)?mb|barrier|lockdep_\w+|might_sleep\w*|IS_ENABLED|IS_BUILTIN|IS_MODULE|ARRAY_SIZE|BIT|GENMASK|min\w*|max\w*|clamp\w*|mem(set|cpy|move|cmp)|str\w+|be\d+_to_cpu|le\d+_to_cpu|cpu_to_\w+|ktime_\w+|jiffies\w*|msecs_to_jiffies|offsetof|sizeof|typeof|virtio_has_feature|virtio_cpu_to_\w+|virtio\d+_to_cpu|smp_processor_id|raw_smp_processor_id|task_\w+_nr|current_thread_info|list_empty\w*|list_first_entry\w*|list_entry|hlist_empty|INIT_\w+|init_completion|init_waitqueue_head|sg_init_\w+|mutex_init|spin_lock_init|timer_setup|__builtin_\w+|static_branch_\w+|static_assert|BUILD_BUG_ON\w*|unreachable|VIRTIO_\w+|DEVICE|OBJECT\w*|G_OBJECT|__func__|_AC|round_up|round_down|DIV_ROUND_UP|ilog2|fls|ffs|test_bit|cpu_relax|\w+_[gs]et_drvdata|drv_to_\w+|k?v?free(_\w+)?|kfree\w*|kvfree\w*|g_free|xfree|__free_pages?|free_pages?|k[mzv]+alloc\w*|kcalloc\w*|kmalloc\w*|kmemdup\w*|kstrdup\w*|x[mz]alloc\w*|g_(malloc|new)0?|list_(add|del|move|splice)\w*|ALIGN|PTR_ALIGN|__ALIGN\w*|(test_and_)?(set|clear)_bit|__(set|clear)_bit|atomic\w*_(read|set)|cpumask_\w+|nr_cpu_ids|PAGE_ALIGN|page_to_\w+|pfn_to_\w+|virt_to_\w+|sprintf|snprintf|in_interrupt|irqs_disabled|xen_(pv|hvm|initial)_domain|xen_domain)$/

/** Macros and functions whose value is that of their first argument. */
export const transparent =
  /^(likely|unlikely|WARN_ON|WARN_ON_ONCE|WARN|WARN_ONCE|READ_ONCE|ACCESS_ONCE|!!|unlikely_notrace|data_race|rcu_dereference|smp_load_acquire)$/

/** Predicates that do not change while they are asked: features and configuration. */
export const unchanging = /^(virtio_has_feature|IS_ENABLED|IS_BUILTIN|IS_MODULE|virtio_has_dma_quirk)$/

/** Tells what calls and assignments are; keeps which patterns were met, and which calls nobody explained. */
export class Roles {
  readonly met = new Set<string>()
  private readonly steps: readonly string[]
  private readonly covers: readonly Pattern[]
  private readonly ignores: readonly Pattern[]

  /** @param steps the names of the thread's steps in question, alternatives included: `init_vq`, `out_resume/xs_resume`. */
  constructor(
    private readonly root: Root,
    mapping: Pick<SourceMapping, 'ignores'>,
    steps: readonly string[],
  ) {
    // `f:x` before `f`.
    this.steps = [...steps].sort((a, b) => Number(b.includes(':')) - Number(a.includes(':')))
    this.covers = Object.keys(root.covers ?? {}).map(patternOf)
    this.ignores = [...Object.keys(root.ignores ?? {}), ...Object.keys(mapping.ignores ?? {})].map(patternOf)
  }

  /** What a call is, made in a function. */
  of(call: Call, caller: string): Role {
    const covered = this.covers.find((one) => one.fitsCall(call, caller))
    if (covered) return this.declared(covered)
    const ignored = this.ignores.find((one) => one.fitsCall(call, caller))
    if (ignored) {
      this.met.add(ignored.text)
      return { kind: 'ignored', pattern: ignored.text }
    }
    if (this.root.opens?.includes(call.callee)) return { kind: 'open' }
    const step = this.steps.find((name) => namedLike(name, call))
    if (step !== undefined) return { kind: 'steps', steps: [step], pattern: step }
    return quiet.test(call.callee) ? { kind: 'quiet' } : { kind: 'open' }
  }

  /** The steps that an assignment stands for, if it does: `si.cancelled = 1`. */
  ofAssignment(text: string, caller: string): Role | undefined {
    const covered = this.covers.find((one) => one.fitsText(text, caller))
    return covered && this.declared(covered)
  }

  /** The callback that a call runs. */
  runs(call: Call): Runs | undefined {
    return this.root.runs?.[call.callee]
  }

  private declared(pattern: Pattern): Role {
    this.met.add(pattern.text)
    return { kind: 'steps', steps: this.root.covers![pattern.text]!, pattern: pattern.text }
  }
}

/** `name`, `name(argument)`, `caller>name`; an assignment by its text. */
class Pattern {
  constructor(
    readonly text: string,
    private readonly caller: string | undefined,
    private readonly callee: string,
    private readonly argument: string | undefined,
  ) {}

  fitsCall(call: Call, caller: string): boolean {
    if (this.caller !== undefined && this.caller !== caller) return false
    if (!fits(this.callee, call.callee)) return false
    return this.argument === undefined || mentions(call, this.argument)
  }

  fitsText(text: string, caller: string): boolean {
    return (this.caller === undefined || this.caller === caller) && this.spelled === text
  }

  private get spelled(): string {
    return this.argument === undefined ? this.callee : `${this.callee}(${this.argument})`
  }
}

function patternOf(text: string): Pattern {
  const [, caller, rest] = /^(?:(\w+)>(?!>))?(.*)$/s.exec(text)!
  const match = /^((?:[\w*>.-]|\(\*?\w+\))+?)\(([^()]*)\)$/.exec(rest!)
  const guard = rest!.startsWith('guard(') || rest!.startsWith('unguard(')
  return match && !guard ? new Pattern(text, caller, match[1]!, match[2]) : new Pattern(text, caller, rest!, undefined)
}

/** Whether a step is called like a call: `f` like `f(…)`, `f:x` like `f(…x…)`, `…/f` like `f(…)`. */
function namedLike(step: string, call: Call): boolean {
  const name = step.includes('/') ? step.slice(step.indexOf('/') + 1) : step
  const [callee, argument] = name.split(':')
  return callee === call.callee && (argument === undefined || mentions(call, argument))
}

/** Whether a word stands among the arguments of a call. */
function mentions(call: Call, word: string): boolean {
  if (word === '') return true
  const escaped = word.replace(/[^\w]/g, '\\$&')
  const edge = /\w/
  const bounded = `${edge.test(word[0]!) ? '(?<!\\w)' : ''}${escaped}${edge.test(word.at(-1)!) ? '(?!\\w)' : ''}`
  return new RegExp(bounded).test(call.text.slice(call.callee.length))
}

/** Whether evaluating an expression calls anything that is not quiet. */
export const busy = (expression: Expression): boolean =>
  (expression.kind === 'call' && !quiet.test(expression.callee)) ||
  expression.kind === 'assign' ||
  partsOf(expression).some(busy)

/** The function that a callback names. */
export const callbackName = ({ function: spelled }: Runs): string =>
  spelled.includes(':') ? functionNamed(spelled).name : spelled
