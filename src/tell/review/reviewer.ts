/** Reviews a series: applies it in memory, finds who reads what it touches, and asks what that does to each protocol and its claims. */

import { structuredPatch } from 'diff'
import { answer, derivedName, gapText, type Answered } from '../../match/mail/answer.js'
import type { Matter, Variant } from '../../match/mail/sides.js'
import type { Place } from '../../match/mail/changed-lines.js'
import { applyTo, type Applied } from '../../match/mail/apply.js'
import { Overlay } from '../../match/mail/overlay.js'
import type { Patch, Series } from '../../match/mail/series.js'
import { touchedBy, unreadIn, type Touched } from '../../match/mail/touched.js'
import type { Library, Tree } from '../../match/source/tree.js'
import { rootName } from '../../match/source/mapping.js'
import type { Arg } from '../../write/model.js'
import { loadProtocol, type Protocol } from '../protocol.js'
import { mappingOf, protocolsByFile } from '../source/mappings.js'
import { Budget, type ClaimsOptions } from './budget.js'
import { claimsBetween, type Code } from './claims.js'
import type {
  Along,
  ClaimsReview,
  Difference,
  ProtocolReview,
  Review,
  ReviewedFunction,
  ReviewedPatch,
} from './review.js'

/** A patch with what it did. */
interface Done {
  readonly patch: Patch
  readonly applied: readonly Applied[]
  readonly touched: readonly Touched[]
  /** The tree with it and all before it. */
  readonly tree: Tree
}

/** Reviews. @throws Mistake for a patch that does not apply, naming it, the hunk and the line. */
export async function review(
  series: Series,
  tree: Tree,
  library: Library,
  options: ClaimsOptions = {},
): Promise<Review> {
  const after = new Overlay(tree)
  const done = series.patches.map((patch, i) => applied(patch, placeOf(series, i), after, library))
  const touched = done.length === 1 ? done[0]!.touched : [...netTouched(done, library), ...passing(done, library)]
  const budget = new Budget(options)
  const protocols: ProtocolReview[] = []
  for (const name of readersOf(touched)) {
    const told = await protocolReview(name, { done, touched, tree, after, library, budget })
    if (told) protocols.push(told)
  }
  const { head } = series
  return {
    schema: 'thawproof/review@1',
    title: series.title,
    answers: head.heading === head.place ? null : { heading: head.heading, from: head.from, id: head.id },
    version: series.version,
    tree: tree.name,
    patches: done.map((one) => patchReview(one, protocols)),
    passed: series.passed.map(({ message, why }) => ({ place: message.place, subject: message.subject, why })),
    notes: notesOf(series),
    unread: [...new Set(done.flatMap(({ applied: all }) => all.flatMap((one) => unreadOf(one, library))))],
    protocols,
  }
}

function placeOf({ patches }: Series, i: number): string {
  const { subject } = patches[i]!.message
  return patches.length === 1 ? subject : `patch ${i + 1} of ${patches.length} (${subject})`
}

function applied(patch: Patch, place: string, tree: Overlay, library: Library): Done {
  const all = patch.files.map((file) => applyTo(tree, file, place))
  return { patch, applied: all, touched: all.flatMap((one) => touchedBy(one, library)), tree: tree.now() }
}

/** What a whole series touches: of each file, what it was before the first patch against what it is after the last. */
function netTouched(done: readonly Done[], library: Library): readonly Touched[] {
  const first = new Map<string, Applied>()
  const net = new Map<string, { readonly from: string | null; readonly before: string; readonly after: string }>()
  for (const one of done.flatMap(({ applied: all }) => all)) {
    const earlier = one.from === null ? undefined : first.get(one.from)
    const origin = earlier ?? one
    if (one.from !== null && one.from !== one.to && one.patch.kind !== 'copy') {
      net.delete(one.from)
      first.delete(one.from)
    }
    const key = one.to ?? one.from!
    first.set(key, origin)
    net.set(key, { from: origin.from, before: origin.before, after: one.after })
  }
  return [...net].flatMap(([path, { from, before, after }]) => {
    const hunks = structuredPatch(path, path, before, after, '', '', { context: 0 }).hunks
    const lines = (sign: '-' | '+', start: 'oldStart' | 'newStart'): number[] =>
      hunks.flatMap((hunk) => hunk.lines.filter((line) => line.startsWith(sign)).map((_, i) => hunk[start] + i))
    const gone =
      after === '' && done.some(({ applied: all }) => all.some((one) => one.from === path && one.to === null))
    const origin = first.get(path)!
    const whole: Applied = {
      patch: origin.patch,
      from,
      to: gone ? null : path,
      before,
      after,
      removed: lines('-', 'oldStart'),
      added: lines('+', 'newStart'),
    }
    return touchedBy(whole, library)
  })
}

/** Functions that patches touch and later ones put back: nothing of them is changed in the end. */
function passing(done: readonly Done[], library: Library): readonly Touched[] {
  const seen = new Set(netTouched(done, library).map(keyOf))
  return done.flatMap(({ touched }) =>
    touched.flatMap((one) => {
      if (one.alike || seen.has(keyOf(one))) return []
      seen.add(keyOf(one))
      return { ...one, removed: [], added: [] }
    }),
  )
}

const keyOf = ({ file, name }: Touched): string => `${file}:${name}`

/** The protocols that look into a file with a touched function. */
function readersOf(touched: readonly Touched[]): readonly string[] {
  const index = protocolsByFile()
  return [...new Set(touched.flatMap(({ file, alike }) => (alike ? [] : (index.get(file) ?? []))))].sort()
}

interface Context {
  readonly done: readonly Done[]
  readonly touched: readonly Touched[]
  readonly tree: Tree
  readonly after: Tree
  readonly library: Library
  readonly budget: Budget
}

async function protocolReview(name: string, context: Context): Promise<ProtocolReview | null> {
  const { done, touched, tree, after, library, budget } = context
  const protocol = await loadProtocol(name)
  const mapping = mappingOf(name)
  if (!mapping) return null
  const matter = {
    model: protocol.model,
    mapping,
    variants: variantsOf(protocol),
    touched,
    before: tree,
    after,
    library,
  }
  const found = answer(matter)
  if (!found) return null
  const reads = found.reads.map(({ file, name: function_ }) => `${file}:${function_}`)
  const touching = done.flatMap(({ touched: own }, i) =>
    own.some((one) => !one.alike && reads.includes(`${one.file}:${one.name}`)) ? [i + 1] : [],
  )
  return {
    protocol: name,
    address: protocol.address,
    threads: [...new Set(found.roots.map(({ thread }) => thread))],
    reads,
    patches: touching,
    answer: found.answer,
    ...variantsBetween(found),
    alike: found.alike.map((one) => one.name),
    derived: found.derived && {
      edits: found.derived.derivation.says,
      assumes: found.derived.derivation.assumes,
      from: placesText(found.changed.places),
    },
    differences: differencesOf(found),
    known: found.known,
    unmodelled: found.changed.unmodelled,
    rests: { claims: protocol.spec.instances.filter((one) => sameCode(one.patches, found.before)).length },
    limits: found.limits,
    claims: await claimsOf(protocol, found, budget),
    along: await alongOf(protocol, matter, touching, context),
  }
}

const variantsBetween = ({ before, after, derived }: Answered): Pick<ProtocolReview, 'before' | 'after'> => ({
  before: derived?.backwards ? null : (before?.name ?? null),
  after: after?.name ?? null,
})

const differencesOf = ({ gaps, changed }: Answered): readonly Difference[] =>
  gaps.map(({ root, gap }) => ({
    thread: `${rootName(root)} and ${root.thread}`,
    says: gapText(gap),
    place: firstPlace(changed.places),
  }))

/** Beyond so many patches that touch a protocol, its claims are not searched after each: a reply is waited for. */
const mostSearched = 8

/** What a protocol comes to after each patch that touches it, but for the last. */
async function alongOf(
  protocol: Protocol,
  matter: Matter,
  touching: readonly number[],
  { done, library, budget }: Context,
): Promise<readonly Along[]> {
  const along: Along[] = []
  for (const patch of touching.slice(0, -1)) {
    const until = done.slice(0, patch)
    const found = answer({ ...matter, touched: netTouched(until, library), after: until.at(-1)!.tree })
    if (!found) continue
    const claims = touching.length > mostSearched ? null : await claimsOf(protocol, found, budget)
    along.push({
      patch,
      answer: found.answer,
      ...variantsBetween(found),
      differences: differencesOf(found),
      known: found.known,
      limits: found.limits,
      edits: found.derived?.derivation.says ?? [],
      breaks: claims?.changes.filter(({ change }) => change === 'breaks').map(({ property }) => property) ?? [],
      cut:
        touching.length > mostSearched
          ? `claims not searched after each of ${touching.length} patches`
          : (claims?.cut ?? null),
    })
  }
  return along
}

const sameCode = (patches: readonly string[], variant: Variant | null): boolean =>
  variant !== null && patches.length === variant.patches.length && patches.every((one) => variant.patches.includes(one))

async function claimsOf(protocol: Protocol, found: Answered, budget: Budget): Promise<ClaimsReview | null> {
  const { model } = protocol
  const { before, after, derived, roots, answer: kind } = found
  if (before === null || (kind !== 'variant' && kind !== 'derived')) return null
  const known = (variant: Variant): Code => ({ model, patches: withOwn(variant.patches, roots[0]?.patches) })
  const made = derived && { model: derived.model, patches: [derivedName] }
  const [was, is] =
    made === null ? [known(before), known(after!)] : derived!.backwards ? [made, known(before)] : [known(before), made]
  const always = roots.map(({ parameters }): Readonly<Record<string, Arg>> => parameters ?? {})
  const sets = [...new Map(always.map((one) => [JSON.stringify(one), one])).values()]
  return claimsBetween(protocol, was, is, sets, budget)
}

const withOwn = (patches: readonly string[], own: readonly string[] = []): readonly string[] => [
  ...new Set([...own, ...patches]),
]

/** `virtblk_freeze -1598 -1599 +1598`: a line that is taken away, and one that is put there. */
const placesText = (places: readonly Place[]): string[] =>
  [...new Set(places.map((one) => one.function))].map((name) => {
    const own = places.filter((one) => one.function === name)
    const lines = [...own].sort((a, b) => Number(a.comes) - Number(b.comes) || a.line - b.line)
    return [name, ...lines.map(({ comes, line }) => `${comes ? '+' : '-'}${line}`)].join(' ')
  })

function firstPlace(places: readonly Place[]): string | null {
  const first = places.find(({ comes }) => comes)
  return first ? `${first.file}:${first.line}` : null
}

/** What source may go with: the base, every patch alone, and the sets of patches that claims are made about. */
function variantsOf({ model, spec }: Protocol): readonly Variant[] {
  const singles = (model.declared.patches ?? []).map(({ name }) => [name])
  const seen = new Set<string>([''])
  const more = [...singles, ...spec.instances.map(({ patches }) => patches)].filter((patches) => {
    const key = [...patches].sort().join('+')
    return seen.has(key) ? false : seen.add(key)
  })
  return [{ name: 'base', patches: [] }, ...more.map((patches) => ({ name: patches.join('+'), patches }))]
}

function patchReview({ patch, applied: all, touched }: Done, protocols: readonly ProtocolReview[]): ReviewedPatch {
  return {
    subject: patch.message.subject,
    id: patch.message.id,
    files: all.map((one) => ({ path: one.to ?? one.from!, what: whatOf(one) })),
    functions: touched.map((one): ReviewedFunction => {
      const { file, name, was, is, removed, added, alike } = one
      const what = alike ? 'comments or layout only' : was === null ? 'added' : is === null ? 'removed' : 'changed'
      const line = added[0] ?? is?.first ?? removed[0] ?? was?.first ?? 1
      return { file, name, what, line, read: protocols.filter(({ reads }) => reads.includes(`${file}:${name}`)).length }
    }),
  }
}

function whatOf({ patch, from, to }: Applied): string {
  const parts = [
    patch.binary ? 'binary, passed over' : '',
    patch.kind === 'rename' ? `renamed from ${from}` : patch.kind === 'copy' ? `copied from ${from}` : '',
    to === null ? 'deleted' : from === null ? 'new' : '',
    patch.mode === null ? '' : `mode ${patch.mode}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'changed' : parts.join(', ')
}

/** What a patch does to a file that cannot be compared: parts that nobody can read, and a file that mappings look for elsewhere. */
function unreadOf(one: Applied, library: Library): readonly string[] {
  const { patch, from, to } = one
  const readers =
    from !== null && to !== null && from !== to && patch.kind === 'rename' ? protocolsByFile().get(from) : []
  const moved =
    (readers ?? []).length === 0
      ? []
      : [`${from} becomes ${to}: ${readers!.join(', ')} read it under its old name, and are not compared`]
  return [...unreadIn(one, library), ...moved]
}

function notesOf({ missing, cover, patches, version }: Series): string[] {
  const lacking = missing.length === 0 ? [] : [`patch ${missing.join(', ')} of the series is missing from the mailbox`]
  const alone = cover !== null && patches.length === 0 ? ['this is a cover letter: its patches are in other mails'] : []
  return [...lacking, ...alone, ...(version > 1 ? [`version ${version} of the series`] : [])]
}
