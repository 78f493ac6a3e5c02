/** Markdown of our pages as HTML: headings with anchors, tables that scroll, links between pages of a site, diagrams. */

import { Marked, type Tokens } from 'marked'

/** A heading of a page. */
export interface Heading {
  readonly depth: number
  readonly id: string
  readonly text: string
}

/** A page as HTML, and its headings in order. */
export interface Rendered {
  readonly html: string
  readonly headings: readonly Heading[]
}

/** Text in an attribute or between tags. */
export const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** Markup as the text that is read of it. */
const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')

/** Renders markdown; `draw` makes an SVG of DOT text under a title, `behind` says where a click on an image leads. */
export function htmlOf(
  markdown: string,
  draw: (dot: string, title: string) => string,
  behind: (image: string) => string = inSite,
): Rendered {
  const headings: Heading[] = []
  const regions = new Map<string, number>()
  /** What scrolls by itself is named after the heading above it, each differently. */
  const region = (kind: string): string => {
    const name = `${headings.at(-1)?.text ?? 'Page'}, ${kind}`
    const number = (regions.get(name) ?? 0) + 1
    regions.set(name, number)
    return `tabindex="0" role="region" aria-label="${escaped(number === 1 ? name : `${name} ${number}`)}"`
  }
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }: Tokens.Heading) {
        const html = this.parser.parseInline(tokens)
        const heading = { depth, id: anchorOf(plain(html), headings), text: plain(html) }
        headings.push(heading)
        return `<h${depth} id="${heading.id}">${html} <a class="anchor" href="#${heading.id}" aria-label="Link to ${escaped(heading.text)}">#</a></h${depth}>\n`
      },
      code({ text, lang }: Tokens.Code) {
        const of = headings.at(-1)?.text ?? ''
        if (lang === 'dot')
          return `<div class="wide flow" ${region('drawn')}>${draw(text, `Flow chart: ${escaped(of)}`)}</div>\n`
        return `<pre ${region('as text')}><code>${escaped(text)}</code></pre>\n`
      },
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escaped(inSite(href))}">${this.parser.parseInline(tokens)}</a>`
      },
      image({ href, text }: Tokens.Image) {
        // A drawing within a page is all there is of it.
        if (href.startsWith('data:')) return `<img class="drawing" src="${escaped(href)}" alt="${escaped(text)}">`
        return `<a class="diagram" href="${escaped(behind(href))}"><img src="${escaped(href)}" alt="${escaped(text)}" loading="lazy" width="800"></a>`
      },
      table({ header, rows }: Tokens.Table) {
        const heads = header.map(({ tokens }) => this.parser.parseInline(tokens))
        const cell = (tokens: Tokens.TableCell, i: number): string => {
          const html = this.parser.parseInline(tokens.tokens)
          const attributes = `${html === '' ? ' class="empty"' : markOf(plain(html))} data-label="${escaped(plain(heads[i]!))}"`
          return i === 0 ? `<th scope="row"${attributes}>${html}</th>` : `<td${attributes}>${html}</td>`
        }
        const head = heads.map((html) => (html === '' ? '<td></td>' : `<th scope="col">${html}</th>`)).join('')
        const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')
        return `<div class="wide${kindOf(heads)}" ${region('table')}><table><thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>\n`
      },
    },
  })
  return { html: marked.parse(markdown, { async: false }), headings }
}

/** Tables of whole things, bugs and protocols, are stacks of cards where there is no room for them. */
const kindOf = ([first]: readonly string[]): string =>
  first === 'Bug' ? ' cards corpus' : first === 'Protocol' ? ' cards' : ''

/** Verdicts stand out. */
const markOf = (text: string): string =>
  text.startsWith('✗') ? ' class="violated"' : text === '·' ? ' class="holds"' : ''

/** An anchor as code hosts make it: a second heading of the same text gets a number. */
function anchorOf(text: string, before: readonly Heading[]): string {
  const slug = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replace(/ /g, '-')
  const same = before.filter(({ id }) => id === slug || new RegExp(`^${slug}-\\d+$`).test(id)).length
  return same === 0 ? slug : `${slug}-${same}`
}

/** A link between markdown pages as one between those of the site; a diagram has a page of its own around it. */
function inSite(href: string): string {
  return href.includes('://') ? href : href.replace(/README\.md/, 'index.html').replace(/\.(md|svg)(?=#|$)/, '.html')
}
