/** A thread as a flow chart for a page without a network: laid out by Graphviz, coloured by the page. */

import { instance } from '@viz-js/viz'
import type { Thread } from '../../write/model.js'
import { waysOf } from '../formats/mermaid.js'

/** A thread in DOT: steps from top to bottom, an arrow for each way on; a step that may have to wait has six sides. */
export function dotOfThread(thread: Thread): string {
  const { steps, ways } = waysOf(thread)
  const id = (number: number): string => (number < 0 ? 'end' : `s${number}`)
  return [
    'digraph {',
    '  graph [bgcolor=transparent, ranksep=0.35, nodesep=0.35]',
    '  node [shape=box, style=rounded, fontname=Courier, fontsize=12, height=0.35, margin="0.12,0.04"]',
    '  edge [fontname=Courier, fontsize=11, arrowsize=0.7]',
    ...steps.map(
      ({ name, waits }, i) => `  ${id(i)} [label=${quoted(name)}${waits ? ', shape=hexagon, style=""' : ''}]`,
    ),
    ...(ways.some(({ to }) => to < 0) ? ['  end [shape=circle, label="end"]'] : []),
    ...ways.map(
      ({ from, to, name }) => `  ${id(from)} -> ${id(to)}${name === '' ? '' : ` [label=${quoted(` ${name} `)}]`}`,
    ),
    '}',
  ].join('\n')
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

/** Graphviz, ready to draw DOT as SVG that can stand in a page, several times. */
export async function drawer(): Promise<(dot: string, title: string) => string> {
  const graphviz = await instance()
  return (dot, title) =>
    graphviz
      .renderString(dot, { format: 'svg_inline' })
      .replace(/ id="[^"]*"/g, '')
      .replace(/<title>[^<]*<\/title>\n?/g, '')
      .replace(/<!--.*?-->\n?/gs, '')
      .replace('<svg ', `<svg role="img" aria-label="${title}" `)
      .trim()
}
