/** Which diagrams a protocol has: of every violated claim that is recorded, or of the main claim of each bug; drawn once where several come to the same. */

import { svgOf } from '../formats/svg.js'
import type { Protocol } from '../protocol.js'
import { recordedTraces, tracesFolder } from '../runs.js'
import { mainClaims } from './bugs.js'
import { headline } from '../reason.js'
import { actorsOf, targetOf, type Trace } from '../trace.js'

/** A diagram, and the traces that it shows: of one property, in instances where it is broken in the same way. */
export interface Diagram {
  /** From the folder of the specs: `traces/PROTOCOL/INSTANCE.PROPERTY.svg`, of the first that it shows. */
  readonly file: string
  readonly svg: string
  readonly traces: readonly Trace[]
}

/** The diagrams of a protocol, in the order of its claims: of `all` that is violated, or of what is `main` in each bug. */
export function diagramsOf(protocol: Protocol, which: 'all' | 'main'): Diagrams {
  const main = mainClaims(protocol)
  const alike = new Map<string, Trace[]>()
  for (const trace of recordedTraces(protocol)) {
    if (which === 'main' && main.get(trace.instance!) !== trace.property) continue
    const drawn = svgOf(trace, [])
    const known = alike.get(drawn)
    if (known) known.push(trace)
    else alike.set(drawn, [trace])
  }
  const taken = new Set<string>()
  const drawn = [...alike.values()].map((traces) => {
    const file = fileOf(traces[0]!, taken)
    taken.add(file)
    return {
      file,
      traces,
      svg: svgOf(traces[0]!, [`${protocol.name}/${traces.map(({ instance }) => instance).join(', ')}`]),
    }
  })
  return new Diagrams(drawn)
}

/** A name for the file of a trace that none has yet; the names of properties in a model of one's own can be any text. */
function fileOf({ protocol, instance, property }: Trace, taken: ReadonlySet<string>): string {
  const stem = `${tracesFolder}/${protocol}/${instance}.${property.replace(/[^\w-]+/g, '_')}`
  let file = `${stem}.svg`
  for (let i = 2; taken.has(file); i++) file = `${stem}-${i}.svg`
  return file
}

/** What a diagram shows, for those who do not see it. */
export const drawnText = (trace: Trace): string =>
  `Sequence diagram: ${targetOf(trace)}, ${headline(trace)}; ${actorsOf(trace).join(', ')}`

/** The diagram of a claim, and its trace. */
export interface Shown {
  readonly file: string
  readonly trace: Trace
}

/** Diagrams by what is asked for: the violated property of an instance. */
export class Diagrams {
  private readonly shown = new Map<string, Shown>()

  constructor(readonly all: readonly Diagram[]) {
    for (const { file, traces } of all)
      for (const trace of traces) this.shown.set(key(trace.instance, trace.property), { file, trace })
  }

  /** The diagram of a claim; undefined if it is not violated, or not recorded. */
  of(instance: string, property: string): Shown | undefined {
    return this.shown.get(key(instance, property))
  }
}

const key = (instance: string | null, property: string): string => JSON.stringify([instance, property])
