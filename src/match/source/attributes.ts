/** The first preparation of C for the parser: attributes that look like types or functions become blanks. */

/** Words of Linux, Xen and QEMU that say something of a declaration and stand where C's grammar expects no word. */
const words = `
  __must_check __maybe_unused __always_unused __init __exit __initdata __initconst __weak __user __rcu __percpu __iomem
  __force __kernel __cold __hot __pure __ref __refdata __meminit __cpuinit __sched __latent_entropy __always_inline
  __flatten noinline noinline_for_stack noinstr notrace asmlinkage __visible __read_mostly ____cacheline_aligned_in_smp
  ____cacheline_aligned __packed __cacheline_aligned __randomize_layout __ro_after_init __net_init __net_exit
  __deprecated __cpuidle __nocfi fallthrough __private __bitwise __no_kcsan __no_sanitize_address __no_context_analysis
  __nosave __nosavedata __safe __must_be_held __noclone __attribute_const__ __naked __used __noreturn __noendbr
  cf_check __hwdom_init __constructor __used_section __cacheline_aligned_in_smp __initcall_start __init_or_livepatch __initdata_or_livepatch always_inline noreturn nonnull init_or_livepatch
  coroutine_fn coroutine_mixed_fn G_NORETURN G_GNUC_UNUSED G_GNUC_WARN_UNUSED_RESULT QEMU_WARN_UNUSED_RESULT
  no_coroutine_fn GRAPH_RDLOCK GRAPH_WRLOCK GRAPH_UNLOCKED QEMU_PACKED CPU_CONVERT
`
  .trim()
  .split(/\s+/)

/** The same with arguments. */
const calls = `
  __acquires __releases __must_hold __acquire_shared __releases_shared __acquires_shared __must_hold_shared
  __cond_acquires __cond_releases __cond_acquires_shared __guarded_by __pt_guarded_by __printf __scanf __aligned
  __section __counted_by __counted_by_le __attribute__ __attribute __alloc_size __realloc_size __free __assume_aligned
  __nonstring __compiletime_error __compiletime_warning __excludes __context_unsafe __sysfs_match __no_sanitize
  __cleanup __diagnose_as TSA_NO_TSA TSA_REQUIRES TSA_GUARDED_BY G_GNUC_PRINTF
`
  .trim()
  .split(/\s+/)

const attributeWord = new RegExp(`(?<![\\w"])(?:${words.join('|')})(?![\\w(])`, 'g')
const attributeCall = new RegExp(`(?<![\\w"])(?:${calls.join('|')})\\s*\\(`, 'g')

/** The text with blanks for attributes; its length and its lines stay, so that places in it are places in the file. */
export function withoutAttributes(text: string): string {
  const blanked = text.replace(attributeWord, (word) => ' '.repeat(word.length))
  let made = ''
  let done = 0
  for (const { index, 0: head } of blanked.matchAll(attributeCall)) {
    if (index < done || inDirective(blanked, index)) continue
    const end = closing(blanked, index + head.length - 1)
    if (end === undefined) continue
    made += blanked.slice(done, index) + blankOut(blanked.slice(index, end + 1))
    done = end + 1
  }
  return made + blanked.slice(done)
}

/** Blanks for every character but line ends. */
export const blankOut = (text: string): string => text.replace(/[^\n]/g, ' ')

const inDirective = (text: string, at: number): boolean =>
  /^[ \t]*#/.test(text.slice(text.lastIndexOf('\n', at) + 1, at + 1))

/** An argument list of an attribute is short; what goes on longer is something else, or never ends. */
const longest = 500

/** The place of the parenthesis that closes the one at a place. */
function closing(text: string, open: number): number | undefined {
  let depth = 0
  for (let i = open; i < Math.min(text.length, open + longest); i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i
  }
  return undefined
}
