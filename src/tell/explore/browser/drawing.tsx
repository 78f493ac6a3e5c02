/** Boxes and arrows in layers: what the map and the wait-for graph are drawn with. */

import type { JSX } from 'preact'
import type { Spot } from '../folded.js'

/** A box. */
export interface Box {
  readonly lines: readonly string[]
  readonly style: string
  readonly says: string
  readonly choose?: () => void
}

/** An arrow between boxes, by their numbers. */
export interface Arrow {
  readonly from: number
  readonly to: number
  readonly style: string
  readonly says: string
}

const [wide, gap] = [16, 46]

/** Draws boxes at spots, and arrows between them. */
export function Drawing({
  label,
  boxes,
  spots,
  arrows,
}: {
  label: string
  boxes: readonly Box[]
  spots: readonly Spot[]
  arrows: readonly Arrow[]
}): JSX.Element {
  const widths = boxes.map(({ lines }) => Math.max(8, ...lines.map((line) => line.length)) * 7.4 + 14)
  const width = Math.max(60, ...widths) + wide
  const height = Math.max(1, ...boxes.map(({ lines }) => lines.length)) * 15 + 12
  const left = Math.min(0, ...spots.map(({ place }) => place))
  const right = Math.max(0, ...spots.map(({ place }) => place))
  const deep = Math.max(0, ...spots.map(({ layer }) => layer))
  const x = (node: number): number => (spots[node]!.place - left + 0.5) * width
  const y = (node: number): number => spots[node]!.layer * (height + gap) + height / 2 + 6
  return (
    <div class="drawing" tabindex={0} role="region" aria-label={label}>
      <svg
        width={(right - left + 1) * width + 40}
        height={(deep + 1) * (height + gap) - gap + 12}
        role="group"
        aria-label={label}
      >
        <defs>
          <marker
            id="head"
            viewBox="0 0 8 8"
            refX="8"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0 8 4 0 8z" fill="context-stroke" />
          </marker>
        </defs>
        {arrows.map((arrow) => (
          <path class={`edge ${arrow.style}`} d={wayOf(arrow, x, y, height, widths)} marker-end="url(#head)">
            <title>{arrow.says}</title>
          </path>
        ))}
        {boxes.map((box, i) => (
          <g
            class={`node ${box.style}`}
            transform={`translate(${x(i) - widths[i]! / 2} ${y(i) - height / 2})`}
            role={box.choose ? 'button' : 'img'}
            tabindex={box.choose ? 0 : undefined}
            aria-label={box.says}
            onClick={box.choose}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' && event.key !== ' ') return
              event.preventDefault()
              box.choose?.()
            }}
          >
            <rect width={widths[i]} height={height} rx="5" />
            {box.lines.map((line, row) => (
              <text class={row > 0 ? 'soft' : undefined} x="7" y={17 + row * 15} aria-hidden="true">
                {`${line} `}
              </text>
            ))}
          </g>
        ))}
      </svg>
    </div>
  )
}

/** Down to a deeper layer, else round the side. */
function wayOf(
  { from, to }: Arrow,
  x: (node: number) => number,
  y: (node: number) => number,
  height: number,
  widths: readonly number[],
): string {
  if (y(to) > y(from)) {
    const [start, end] = [y(from) + height / 2, y(to) - height / 2]
    return `M${x(from)} ${start}C${x(from)} ${start + 24} ${x(to)} ${end - 24} ${x(to)} ${end}`
  }
  const [start, end] = [x(from) + widths[from]! / 2, x(to) + widths[to]! / 2]
  const side = Math.max(start, end) + 28
  // A loop of one node leaves it above where it comes back.
  const turn = from === to ? height / 3 : 0
  return `M${start} ${y(from) - turn}C${side} ${y(from) - turn} ${side} ${y(to) + turn} ${end} ${y(to) + turn}`
}
