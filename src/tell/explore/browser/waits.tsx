/** Who waits for whom: as sentences, and as a graph with circles marked. */

import type { JSX } from 'preact'
import type { System } from '../../../write/system.js'
import { shown } from '../../text.js'
import { layersOf } from '../folded.js'
import { waitsAfter, type Waiting, type Waits } from '../waits.js'
import { nobody } from '../writers.js'
import { Drawing, type Arrow, type Box } from './drawing.js'
import type { View } from './view.js'

/** Threads, and the actions that some of them wait for. */
function drawn(waits: Waits): { readonly boxes: Box[]; readonly arrows: Arrow[] } {
  const open = [...waits.waiting.map(({ who }) => who), ...waits.running, ...waits.ended]
  const others = waits.waiting.flatMap(({ awaits }) => awaits.flatMap(({ by }) => by.map(({ who }) => who)))
  const names = [...new Set([...open, ...others])]
  const circle = (name: string): boolean => waits.circles.some((one) => one.includes(name))
  const stateOf = (name: string): string => {
    const waiting = waits.waiting.find(({ who }) => who === name)
    if (waiting) return waiting.label === null ? 'action, cannot happen' : `waits at ${waiting.label}`
    if (waits.running.includes(name)) return 'can go on'
    return waits.ended.includes(name) ? 'ended' : 'action'
  }
  const boxes = names.map((name) => ({
    lines: [name, stateOf(name)],
    style: circle(name) ? 'circle' : '',
    says: `${name} ${stateOf(name)}${circle(name) ? ', in a circle' : ''}`,
  }))
  const arrows = waits.waiting.flatMap(({ who: from, awaits }) =>
    [...new Set(awaits.flatMap(({ by }) => by.map(({ who }) => who)))].map((who) => ({
      from: names.indexOf(from),
      to: names.indexOf(who),
      style: waits.circles.some((one) => one.includes(from) && one[(one.indexOf(from) + 1) % one.length] === who)
        ? 'circle'
        : '',
      says: `${from} waits for ${who}`,
    })),
  )
  return { boxes, arrows }
}

function Sentence({ waiting, system }: { waiting: Waiting; system: System }): JSX.Element {
  const { who, label, awaits, inCircle } = waiting
  return (
    <li class={inCircle ? 'bad' : undefined}>
      <code>{who}</code>{' '}
      {label === null ? (
        'cannot happen'
      ) : (
        <>
          waits at <code>{label}</code>
        </>
      )}
      {awaits.length === 0 && ': which field it waits for cannot be told'}
      <ul>
        {awaits.map(({ field, value, wanted, since, by }) => (
          <li>
            <code>{field.replace(/^at /, '')}</code> {field.startsWith('at ') ? 'is at' : 'is'} {shown(value)}{' '}
            {since === null ? 'from the start' : `since step ${since}`}
            {wanted.length > 0 && `; wants ${wanted.slice(0, 5).map(shown).join(' or ')}`}
            {wanted.length > 0 &&
              (by.length === 0
                ? `; ${nobody(system)} can still bring that about`
                : `; by ${by.map(({ step }) => step).join(', ')}`)}
          </li>
        ))}
      </ul>
    </li>
  )
}

/** The panel. */
export function WaitsPanel({ view }: { view: View }): JSX.Element {
  const waits = waitsAfter(view.here)
  const { boxes, arrows } = drawn(waits)
  const spots = layersOf({
    nodes: boxes.map((_, i) => ({ depth: arrows.some(({ to, from }) => to === i && from !== i) ? 1 : 0 })),
    edges: arrows,
  })
  return (
    <>
      <h2>Who waits for whom</h2>
      {waits.circles.map((circle) => (
        <p class="bad circle-text">In a circle: {[...circle, circle[0]!].join(' waits for ')}.</p>
      ))}
      {waits.waiting.every(({ label }) => label === null) && <p class="soft">No thread waits.</p>}
      <ul aria-label="Who waits">
        {waits.waiting.map((waiting) => (
          <Sentence waiting={waiting} system={view.here.system} />
        ))}
      </ul>
      {boxes.length > 0 && <Drawing label="Wait-for graph" boxes={boxes} spots={spots} arrows={arrows} />}
    </>
  )
}
