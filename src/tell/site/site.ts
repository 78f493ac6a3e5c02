/** The pages as a static site: read from disk or from any server, without a network, in light and dark, on a phone. */

import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { packageRoot } from '../file.js'
import { styleOf } from '../html/styles.js'
import { block, toHeading } from '../pages/markdown.js'
import { catalogueOf } from '../pages/catalogue.js'
import type { Diagram, Diagrams } from '../pages/diagrams.js'
import { generated, pageFile, type Page } from '../pages/folder.js'
import { signedPage } from '../pages/signed.js'
import { teethPage } from '../pages/teeth.js'
import { tracePage } from '../pages/trace.js'
import type { Protocol } from '../protocol.js'
import { dotOfThread, drawer } from './flow.js'
import { escaped, htmlOf, type Rendered } from './html.js'
import { guidesIn, writtenIn, type Written } from './written.js'

/** A link of a navigation. */
type Way = readonly [href: string, text: string, attributes: string]

/** What stands around a page: the way to the root of the site, and to other pages. */
interface Frame {
  readonly name: string
  readonly root: string
  readonly ways: readonly (readonly [title: string, links: readonly Way[]])[]
}

/**
 * Generates the site of some protocols: an index, one page each, one around each diagram, and what all pages share; with the pages
 * that people wrote about them, if everything that those link to is there.
 */
export async function siteOf(protocols: readonly Protocol[], folder: string): Promise<readonly Page[]> {
  const draw = await drawer()
  const names = protocols.map(({ name }) => name)
  const written = writtenAbout(protocols)
  const listed = [...names, 'TEETH', 'SIGNED', ...written.map(({ file }) => nameOf(file))]
  const guides = guidesAbout(protocols, [...listed, 'README'])
  const page = (name: string, markdown: string): Page => {
    const made = htmlOf(markdown, draw)
    const root = dirname(name) === '.' ? '' : '../'
    const ways = [
      ['On this page', contents(made)] as const,
      ...(guides.length > 0 ? [['Learn', learning(guides, name, root)] as const] : []),
      ['All pages', allPages(listed, name, root)] as const,
    ]
    return { file: join(folder, `${name}.html`), text: documentOf({ name, root, ways }, made) }
  }
  const pages: Page[] = []
  const drawn = new Map<string, Diagrams>()
  for (const protocol of protocols) {
    const { page: made, diagrams } = await generated(protocol, 'all', (thread) => block('dot', dotOfThread(thread)))
    pages.push(page(protocol.name, made.text))
    drawn.set(protocol.name, diagrams)
    for (const diagram of diagrams.all) {
      const around = htmlOf(tracePage(protocol, diagram), draw, (image) => image)
      const frame = { name: protocol.name, root: '../../', ways: waysFrom(diagram, diagrams.all) }
      pages.push({ file: join(folder, diagram.file), text: diagram.svg })
      pages.push({ file: join(folder, diagram.file.replace(/svg$/, 'html')), text: documentOf(frame, around) })
    }
  }
  return [
    page('index', withLearning(withFindings(catalogueOf(protocols, drawn), written), guides)),
    page('TEETH', await teethPage(protocols)),
    page('SIGNED', signedPage(protocols)),
    ...[...written, ...guides].map(({ file, text }) => page(nameOf(file), text)),
    ...logsOf(protocols, written).map(([file, text]) => ({ file: join(folder, file), text })),
    ...pages,
    { file: join(folder, 'site.css'), text: styleOf(own('site.css')) },
    { file: join(folder, 'site.js'), text: readFileSync(own('site.js'), 'utf8') },
  ]
}

const nameOf = (file: string): string => file.replace(/README\.md$/, 'index').replace(/\.md$/, '')

const specsOf = (protocols: readonly Protocol[]): string => dirname(pageFile(protocols[0]!))

/** What people wrote about these protocols; nothing if it links to others. */
function writtenAbout(protocols: readonly Protocol[]): readonly Written[] {
  const written = protocols[0]?.specFile ? writtenIn(specsOf(protocols)) : []
  const there = new Set([
    ...protocols.map(({ name }) => `${name}.md`),
    ...['README.md', 'TEETH.md', 'SIGNED.md'],
    ...written.map(({ file }) => file),
  ])
  return written.every(({ links }) => links.every((link) => there.has(link) || !link.endsWith('.md'))) ? written : []
}

/** The pages that teach, on a site of our own protocols. */
const guidesAbout = (protocols: readonly Protocol[], listed: readonly string[]): readonly Written[] =>
  protocols[0]?.specFile ? guidesIn(packageRoot(), (file) => listed.includes(file.replace(/\.md$/, ''))) : []

/** The files that are no pages to which they link, logs for instance. */
const logsOf = (protocols: readonly Protocol[], written: readonly Written[]): readonly (readonly [string, string])[] =>
  [...new Set(written.flatMap(({ links }) => links.filter((link) => !link.endsWith('.md'))))].map((link) => [
    link,
    readFileSync(join(specsOf(protocols), link), 'utf8'),
  ])

/** The index, with a way to what was found above everything else. */
const withFindings = (catalogue: string, [main]: readonly Written[]): string =>
  main
    ? catalogue.replace(
        /^(# .*\n)/,
        `$1\n[${main.title}](${main.file}): what is wrong in the newest sources, by these models.\n`,
      )
    : catalogue

/** The index, with a way to the pages that teach above everything else. */
const withLearning = (catalogue: string, [main, ...others]: readonly Written[]): string =>
  main
    ? catalogue.replace(
        /^(# .*\n)/,
        `$1\n[${main.title}](${main.file}): ${others
          .slice(0, 3)
          .map(({ title, file }) => `[${title}](${file})`)
          .join(' · ')} · [all](${main.file})\n`,
      )
    : catalogue

const own = (name: string): URL => new URL(`./browser/${name}`, import.meta.url)

const contents = ({ headings }: Rendered): readonly Way[] =>
  headings
    .filter(({ depth }) => depth === 2 || (depth === 3 && headings.length < 60))
    .map(({ id, text, depth }) => [`#${id}`, text, depth === 3 ? ' class="sub"' : ''])

/** Pages that are not of a protocol. */
const titles: Readonly<Record<string, string>> = {
  index: 'Protocols and bugs',
  TEETH: 'Planted errors',
  SIGNED: 'Whose source',
  FINDINGS: 'Findings',
}

const allPages = (names: readonly string[], name: string, root: string): readonly Way[] =>
  ['index', ...names].map((one) => [
    `${root}${one}.html`,
    titles[one] ?? one,
    one === name ? ' aria-current="page"' : '',
  ])

const learning = (guides: readonly Written[], name: string, root: string): readonly Way[] =>
  guides.map(({ file, title }) => {
    const one = nameOf(file)
    return [`${root}${one}.html`, title, one === name ? ' aria-current="page"' : '']
  })

/** From a diagram: back to the claims that it shows, and on to what else is violated in the first of them. */
function waysFrom({ file, traces }: Diagram, diagrams: readonly Diagram[]): Frame['ways'] {
  const { protocol, instance } = traces[0]!
  const others = diagrams.flatMap((one) => {
    const trace = one.traces.find((other) => other.instance === instance)
    return trace ? [{ file: one.file, trace }] : []
  })
  return [
    [
      `Violated in ${instance}`,
      others.map((one) => [
        basename(one.file).replace(/svg$/, 'html'),
        one.trace.property,
        one.file === file ? ' aria-current="page"' : '',
      ]),
    ],
    [
      'Pages',
      [
        [`../../${protocol}.html${toHeading(instance!)}`, `${protocol}/${instance}`, ''],
        [`../../${protocol}.html#verdicts`, protocol, ''],
        ['../../index.html', 'Protocols and bugs', ''],
      ],
    ],
  ]
}

/** A page with what stands around it. */
function documentOf({ name, root, ways }: Frame, { html, headings }: Rendered): string {
  const title = headings[0]?.text ?? name
  const index = name === 'index'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}${index ? '' : root === '' ? ' · thawproof' : ` · ${name} · thawproof`}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}site.css">
<script src="${root}site.js" defer></script>
</head>
<body${index ? ' class="index"' : ''}>
<a class="skip" href="#main">Skip to the content</a>
<header><a class="home" href="${root}index.html">thawproof</a> <span>suspend, cancel and resume protocols, checked</span></header>
<div class="columns">
<nav aria-label="Pages">
${ways.map(([heading, links]) => folded(heading, links)).join('\n')}
</nav>
<main id="main" tabindex="-1">
${html}</main>
</div>
</body>
</html>
`
}

function folded(title: string, links: readonly Way[]): string {
  const items = links.map(
    ([href, text, attributes]) => `<li><a href="${escaped(href)}"${attributes}>${escaped(text)}</a></li>`,
  )
  return `<details><summary>${escaped(title)}</summary>\n<ul>\n${items.join('\n')}\n</ul></details>`
}
