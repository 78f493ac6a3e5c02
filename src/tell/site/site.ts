/** The pages as a static site: read from disk or from any server, without a network, in light and dark, on a phone. */

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { block } from '../pages/markdown.js'
import { catalogueOf } from '../pages/catalogue.js'
import { generated, type Page } from '../pages/folder.js'
import { diagramFolder } from '../pages/page.js'
import { teethPage } from '../pages/teeth.js'
import type { Protocol } from '../protocol.js'
import { dotOfThread, drawer } from './flow.js'
import { escaped, htmlOf, type Rendered } from './html.js'

/** Generates the site of some protocols: an index, one page each, their diagrams, and what all pages share. */
export async function siteOf(protocols: readonly Protocol[], folder: string): Promise<readonly Page[]> {
  const draw = await drawer()
  const names = protocols.map(({ name }) => name)
  const page = (name: string, markdown: string): Page => ({
    file: join(folder, `${name}.html`),
    text: documentOf(name, htmlOf(markdown, draw), names),
  })
  const pages: Page[] = [page('index', catalogueOf(protocols)), page('TEETH', await teethPage(protocols))]
  for (const protocol of protocols) {
    const made = await generated(protocol, (thread) => block('dot', dotOfThread(thread)))
    pages.push(page(protocol.name, made.page.text))
    for (const { file, text } of made.diagrams)
      pages.push({ file: join(folder, diagramFolder, protocol.name, basename(file)), text })
  }
  return [...pages, ...['site.css', 'site.js'].map((name) => ({ file: join(folder, name), text: shared(name) }))]
}

const shared = (name: string): string => readFileSync(new URL(`./browser/${name}`, import.meta.url), 'utf8')

/** A page with what stands around it: the way to all others, and its own contents. */
function documentOf(name: string, { html, headings }: Rendered, names: readonly string[]): string {
  const title = headings[0]?.text ?? name
  const index = name === 'index'
  const contents = headings.filter(({ depth }) => depth === 2 || (depth === 3 && headings.length < 60))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}${index ? '' : ' · thawproof'}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="site.css">
<script src="site.js" defer></script>
</head>
<body${index ? ' class="index"' : ''}>
<a class="skip" href="#main">Skip to the content</a>
<header><a class="home" href="index.html">thawproof</a> <span>suspend, cancel and resume protocols, checked</span></header>
<div class="columns">
<nav aria-label="Pages">
${folded(
  'On this page',
  contents.map(({ id, text, depth }) => [`#${id}`, text, depth === 3 ? ' class="sub"' : '']),
)}
${folded(
  'All pages',
  ['index', ...names, 'TEETH'].map((one) => [
    `${one}.html`,
    one === 'index' ? 'Protocols and bugs' : one === 'TEETH' ? 'Planted errors' : one,
    one === name ? ' aria-current="page"' : '',
  ]),
)}
</nav>
<main id="main" tabindex="-1">
${html}</main>
</div>
</body>
</html>
`
}

function folded(title: string, links: readonly (readonly [href: string, text: string, attributes: string])[]): string {
  const items = links.map(
    ([href, text, attributes]) => `<li><a href="${escaped(href)}"${attributes}>${escaped(text)}</a></li>`,
  )
  return `<details><summary>${title}</summary>\n<ul>\n${items.join('\n')}\n</ul></details>`
}
