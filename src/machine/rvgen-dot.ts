/** A monitor as the DOT that the kernel's `rvgen`, and its elder `dot2k`, read. */

import type { Monitor } from './monitor.js'

/** The text; what {@link readRvgenDot} refuses is never written. */
export function rvgenDot({ automaton, names }: Pick<Monitor, 'automaton' | 'names'>): string {
  const [first] = names
  const nodes = names.map((name) => `\t{node [shape = circle] "${name}"};`)
  const arrows = automaton.states.flatMap((row, i) => {
    const own = `\t"${names[i]!}" [label = "${names[i]!}"${i === 0 ? ', color = green3' : ''}];`
    // Two edges between the same states would be one to rvgen, and the events of the other be lost.
    const joined = new Map<number, string[]>()
    for (const [event, to] of row) joined.set(to, [...(joined.get(to) ?? []), event])
    const edges = [...joined].map(
      ([to, events]) => `\t"${names[i]!}" -> "${names[to]!}" [ label = "${events.join('\\n')}" ];`,
    )
    return [own, ...edges]
  })
  return `${[
    'digraph state_automaton {',
    '\tcenter = true;',
    '\tsize = "7,11";',
    `\t{node [shape = plaintext, style=invis, label=""] "__init_${first!}"};`,
    `\t{node [shape = doublecircle] "${first!}"};`,
    ...nodes,
    `\t"__init_${first!}" -> "${first!}";`,
    ...arrows,
    `\t{ rank = min ;\n\t\t"__init_${first!}";\n\t\t"${first!}";\n\t}`,
    '}',
  ].join('\n')}\n`
}
