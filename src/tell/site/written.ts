/** Pages that people write, as pages of the site: findings and remarks of readers beside the specs, and the pages that teach. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** A page in markdown; `file` is where it lies under the folder of the specs, `links` what it links to there. */
export interface Written {
  readonly file: string
  readonly title: string
  readonly text: string
  readonly links: readonly string[]
}

const first = 'FINDINGS.md'

/** The folder of the pages that teach, beside that of the specs, and on the site. */
const docs = 'docs'

/** The page of findings and those in the folders that it links to, without links that lead out of the folder of the specs; empty if there is none. */
export function writtenIn(folder: string): readonly Written[] {
  if (!existsSync(join(folder, first))) return []
  const main = writtenAt(folder, first)
  const folders = new Set(main.links.map((file) => dirname(file)).filter((path) => path !== '.'))
  const beside = [...folders].flatMap((path) =>
    readdirSync(join(folder, path))
      .filter((name) => name.endsWith('.md') && main.links.includes(join(path, name)))
      .map((name) => writtenAt(folder, join(path, name))),
  )
  return [main, ...beside]
}

function writtenAt(folder: string, file: string): Written {
  const links: string[] = []
  const text = readFileSync(join(folder, file), 'utf8').replace(
    /\[([^\]]*)\]\(([^)#:]+)(#[^)]*)?\)/g,
    (whole, shown: string, to: string) => {
      const target = normalize(join(dirname(file), to))
      if (target.startsWith('..')) return shown
      links.push(target)
      return whole
    },
  )
  return { file, title: /^# (.*)$/m.exec(text)?.[1] ?? file, text, links }
}

/**
 * The pages that teach, in the order in which the first of them links to the others; of their links, those that lead to a page of the
 * site: `isThere` says which pages of specs it has. Empty if there are none.
 */
export function guidesIn(root: string, isThere: (file: string) => boolean): readonly Written[] {
  if (!existsSync(join(root, docs, 'README.md'))) return []
  const all = readdirSync(join(root, docs)).filter((name) => name.endsWith('.md'))
  const guides = all.map((name): Written => {
    const links: string[] = []
    const text = readFileSync(join(root, docs, name), 'utf8').replace(
      /\[([^\]]*)\]\(([^)#:]+)(#[^)]*)?\)/g,
      (whole, shown: string, to: string, anchor = '') => {
        const target = normalize(join(docs, to))
        if (target.startsWith(`${docs}/`) && all.includes(target.slice(docs.length + 1))) {
          links.push(target)
          return whole
        }
        const page = target.replace(/^specs\//, '')
        return target.startsWith('specs/') && isThere(page) ? `[${shown}](../${page}${anchor as string})` : shown
      },
    )
    return { file: join(docs, name), title: /^# (.*)$/m.exec(text)?.[1] ?? name, text, links }
  })
  const order = [join(docs, 'README.md'), ...guides.find(({ file }) => file.endsWith('README.md'))!.links]
  const place = ({ file }: Written): number => (order.includes(file) ? order.indexOf(file) : order.length)
  return [...guides].sort((a, b) => place(a) - place(b))
}
