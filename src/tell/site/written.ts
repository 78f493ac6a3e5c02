/** Pages beside the specs that people write, as pages of the site: findings, and what became of the remarks of readers. */

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
