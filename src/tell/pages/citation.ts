/**
 * What a reference cites, read off the sentence that says where it is: commits, years, mails, tickets, and where they are on the web.
 *
 * `linux e98eac6ff1b4 (2020), since a66d955e910a (2019)`: a commit of a tree that is known by name ended the bug, behind
 * `since` it brought it, and in parentheses, or of somebody's copy (`owner/repository 945fb24b`), it did neither.
 */

import { prose } from './markdown.js'

/** A commit that a reference names. */
export interface Commit {
  /** `linux`, `xen`, `owner/repository` */
  readonly tree: string
  readonly id: string
  readonly role: 'ended' | 'brought' | 'neither'
}

/** Part of a sentence, with its address on the web if it has one. */
interface Segment {
  readonly text: string
  readonly url?: string
  readonly commit?: Commit
}

/** Where the commits of each tree are shown; the names are those that references use. */
const trees: Readonly<Record<string, (id: string) => string>> = {
  linux: (id) => `https://git.kernel.org/linus/${id}`,
  'linux-stable': (id) => `https://git.kernel.org/stable/c/${id}`,
  xen: (id) => `https://xenbits.xen.org/gitweb/?p=xen.git;a=commit;h=${id}`,
  qemu: (id) => `https://gitlab.com/qemu-project/qemu/-/commit/${id}`,
  criu: (id) => `https://github.com/checkpoint-restore/criu/commit/${id}`,
}

const treeNames: Readonly<Record<string, string>> = { 'xen.git': 'xen', mainline: 'linux' }

const signs = new RegExp(
  [
    /(?<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/,
    /(?<host>gitlab\.com\/)?(?<project>[\w-]+\/[\w.-]+), (?<ticket>issue|pull request) (?<number>\d+)/,
    /(?<cve>CVE-\d{4}-\d+)/,
    /(?<copy>(?<![\w./-])[\w-]+\/[\w.-]+)(?= [0-9a-f]{8,40}\b)/,
    /(?<tree>(?<![\w./-])(?:linux-stable|linux|mainline|xen\.git|xen|qemu|criu))(?![\w/-]|\.\w)/,
    /(?<id>(?<![\w.@/-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,40})(?![\w@-]|\.\w)/,
    /(?<word>[()]|\bsince\b|;)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
)

/** Reads a sentence from left to right; `known` says of which tree a commit is that stands alone. */
function segments(text: string, known: ReadonlyMap<string, string> = new Map()): Segment[] {
  const found: Segment[] = []
  let [end, tree, depth, since] = [0, undefined as string | undefined, 0, false]
  const add = (segment: Segment, at: number): void => {
    if (at > end) found.push({ text: text.slice(end, at) })
    found.push(segment)
    end = at + segment.text.length
  }
  for (const match of text.matchAll(signs)) {
    const { mail, ticket, host, project, number, cve, copy, tree: named, id, word } = match.groups!
    const whole = { text: match[0] }
    if (mail) add({ ...whole, url: `https://lore.kernel.org/all/${mail}/` }, match.index)
    else if (ticket) add({ ...whole, url: ticketUrl(host, project!, ticket, number!) }, match.index)
    else if (cve) add({ ...whole, url: `https://www.cve.org/CVERecord?id=${cve}` }, match.index)
    else if (copy || named) tree = copy ?? treeNames[named!] ?? named
    else if (id) {
      const of = tree ?? known.get(id)
      const role = depth > 0 || of?.includes('/') ? 'neither' : since ? 'brought' : 'ended'
      if (of) add({ ...whole, url: commitUrl({ tree: of, id }), commit: { tree: of, id, role } }, match.index)
    } else if (word === '(') depth++
    else if (word === ')') depth--
    else since = word === 'since'
  }
  return end < text.length ? [...found, { text: text.slice(end) }] : found
}

function ticketUrl(host: string | undefined, project: string, ticket: string, number: string): string {
  if (host) return `https://gitlab.com/${project}/-/issues/${number}`
  return `https://github.com/${project}/${ticket === 'issue' ? 'issues' : 'pull'}/${number}`
}

/** Where a commit is shown. */
const commitUrl = ({ tree, id }: Pick<Commit, 'tree' | 'id'>): string =>
  trees[tree]?.(id) ?? `https://github.com/${tree}/commit/${id}`

/** The commits that a sentence names. */
export const commitsIn = (text: string, known?: ReadonlyMap<string, string>): readonly Commit[] =>
  segments(text, known).flatMap(({ commit }) => (commit ? [commit] : []))

/** The sentence as prose, with links. */
export const linked = (text: string, known?: ReadonlyMap<string, string>): string =>
  segments(text, known)
    .map((segment) => (segment.url ? `[${prose(segment.text)}](${segment.url})` : prose(segment.text)))
    .join('')

/** The years that a sentence names. */
export const yearsIn = (text: string): readonly number[] =>
  [...text.matchAll(/(?<![\w.-])(?:19|20)\d\d(?![\w@-]|\.\w)/g)].map(([year]) => Number(year))

/** Commits, each linked: those that ended a bug, then behind "since" those that brought it. */
export function commitLinks(commits: readonly Commit[]): string {
  const links = (role: Commit['role']): string =>
    [...new Set(commits.filter((one) => one.role === role).map((one) => `[${one.id}](${commitUrl(one)})`))].join(', ')
  const [ended, brought] = [links('ended'), links('brought')]
  return [ended, brought && `since ${brought}`].filter((text) => text !== '').join(', ')
}

/** The tree of each commit that references name, to know it where it stands alone. */
export const treesOf = (
  references: Readonly<Record<string, { readonly where: string }>>,
): ReadonlyMap<string, string> =>
  new Map(Object.values(references).flatMap(({ where }) => commitsIn(where).map(({ id, tree }) => [id, tree] as const)))
