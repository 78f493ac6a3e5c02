/** The run as lanes and steps: to go to, to drag, and to see where it breaks something. */

import type { JSX } from 'preact'
import { memo } from 'preact/compat'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { statesOf, type Run, type RunStep } from '../../../search/run.js'
import type { System } from '../../../write/system.js'
import { shown } from '../../text.js'
import { toldStep, type TraceStep } from '../../trace.js'
import { currentOf } from '../branches.js'
import { placesFor } from '../schedule.js'
import type { View } from './view.js'
import { ReasonText } from './reason.js'

const told = new WeakMap<RunStep, TraceStep>()

/** A step of a run as it is told. */
export function toldAt(run: Run, i: number): TraceStep {
  const step = run.steps[i]!
  const before = told.get(step)
  if (before) return before
  const made = toldStep(run.system, statesOf(run)[i]!, step)
  told.set(step, made)
  return made
}

/** The actors that do anything, or are told of it, in the order of declaration. */
function actorsIn({ actors, transitions }: System): readonly string[] {
  const acting = new Set(transitions.flatMap(({ actor, signals }) => (signals ? [actor, signals] : [actor])))
  return Object.keys(actors).filter((actor) => acting.has(actor))
}

/** Pixels of one lane; on a phone the text needs the room. */
const laneWidth = (actors: number): number => (matchMedia('(max-width: 52rem)').matches ? (actors > 5 ? 7 : 12) : 18)

/** One row of the lanes: a dot for the step, and an arrow to the actor that is signalled. */
function Lanes({
  actors,
  step,
  lanes = actors.length,
}: {
  actors: readonly string[]
  step?: TraceStep
  lanes?: number
}): JSX.Element {
  const lane = laneWidth(actors.length)
  const x = (actor: string): number => actors.indexOf(actor) * lane + lane / 2
  const [from, to] = step ? [x(step.actor), x(step.signals ?? step.actor)] : [0, 0]
  const back = to > from ? -6 : 6
  return (
    <span class="lanes" style={`width: ${lanes * lane}px`}>
      <svg width={actors.length * lane} aria-hidden="true" stroke="currentColor">
        {actors.slice(0, lanes).map((actor) => (
          <line x1={x(actor)} x2={x(actor)} y1="0" y2="100%" opacity="0.3" />
        ))}
        {from !== to && (
          <>
            <line x1={from} x2={to} y1="13" y2="13" stroke-width="1.5" />
            <polyline points={`${to + back},9 ${to},13 ${to + back},17`} fill="none" />
          </>
        )}
        {step && <circle cx={from} cy="13" r="4.5" fill="currentColor" />}
      </svg>
    </span>
  )
}

interface RowProps {
  readonly step: TraceStep
  readonly number: number
  readonly actors: readonly string[]
  readonly isCurrent: boolean
  readonly isLater: boolean
  readonly isTarget: boolean
  readonly breaks: string
  readonly goTo: (step: number) => void
  readonly grab: (at: number, event: PointerEvent) => void
  readonly shift: (at: number, by: number) => void
}

const Row = memo(function Row(row: RowProps): JSX.Element {
  const { step, number, actors, isCurrent, isLater, isTarget, breaks, goTo, grab, shift } = row
  const { origin } = step
  const [file, symbol] = origin.kind === 'source' ? [`${origin.file}: `, origin.symbol] : ['', origin.says]
  const keys = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
    if (by === 0 || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    shift(number - 1, by)
  }
  return (
    <li class={[isLater ? 'later' : '', isTarget ? 'target' : ''].join(' ').trim()} data-at={number - 1}>
      <button
        type="button"
        data-step={number}
        class={breaks === '' ? '' : 'marked'}
        aria-current={isCurrent ? 'step' : undefined}
        onClick={() => goTo(number)}
      >
        <span class="number" title={breaks}>
          {number}
          {breaks === '' ? '' : '✗'}
        </span>
        <Lanes actors={actors} step={step} />
        <span class="body mono">
          <strong>{step.name}</strong>
          <span class="soft">
            {`  ${step.actor} · `}
            <span class="only-wide">{file}</span>
            {symbol}
          </span>
          {step.changes.map(({ field, before, after }) => (
            <span class="change">{`${field}: ${shown(before)} → ${shown(after)}`}</span>
          ))}
          {step.log.map((line) => (
            <span class="print">» {line}</span>
          ))}
          {breaks !== '' && <span class="print breaks">✗ {breaks}</span>}
        </span>
      </button>
      <button
        type="button"
        class="grip"
        aria-label={`Move step ${number}: drag, or arrow keys`}
        onPointerDown={(event) => grab(number - 1, event)}
        onKeyDown={keys}
      >
        ⋮⋮
      </button>
    </li>
  )
})

/** What to do with a run that has no steps yet. */
function Beginnings({ view }: { view: View }): JSX.Element {
  const { known, variants, chosen } = view.variants.subject
  return (
    <div class="beginnings">
      <p class="soft">
        Take a step under Next, or press its number
        {known.length > 0 ? '; or look at a run, a step at a time with ↓:' : '.'}
      </p>
      {known.slice(0, mostKnown).map(({ title, schedule, variant = variants[chosen]!.id }) => (
        <button type="button" class="small" data-begin={title} onClick={() => view.act.open(schedule, 0, variant)}>
          {title}
        </button>
      ))}
    </div>
  )
}

/** Runs that are offered before there is one; all are in the head of the page. */
const mostKnown = 6

/** The list; `breaks` says for each step what it breaks. */
export function RunList({ view, breaks }: { view: View; breaks: readonly string[] }): JSX.Element {
  const { run, here, stuck, act, branches } = view
  const { step } = currentOf(branches).now
  const actors = useMemo(() => actorsIn(run.system), [run.system])
  const list = useRef<HTMLOListElement>(null)
  const [drag, setDrag] = useState<{ from: number; to: number; places: readonly number[] } | null>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-current="step"]')?.scrollIntoView({ block: 'nearest' })
  }, [step, run])
  const latest = useRef({ run, act })
  latest.current = { run, act }
  const shift = useRef((at: number, by: number): void => {
    const { run: now, act: can } = latest.current
    if (at + by < 0 || at + by >= now.steps.length) return
    can.move(at, at + by)
    requestAnimationFrame(() => {
      list.current?.querySelectorAll<HTMLElement>('.grip')[at + by]?.focus()
    })
  }).current
  const goTo = useRef((to: number) => latest.current.act.goTo(to)).current
  const grab = useRef((from: number, event: PointerEvent): void => {
    event.preventDefault()
    const places = placesFor(latest.current.run, from, 30)
    let to = from
    const over = ({ clientX, clientY }: PointerEvent): void => {
      const row = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('[data-at]')
      if (!row) return
      to = Number(row.dataset.at)
      setDrag({ from, to, places })
    }
    const drop = (): void => {
      removeEventListener('pointermove', over)
      removeEventListener('pointerup', drop)
      setDrag(null)
      if (to !== from) latest.current.act.move(from, to)
    }
    addEventListener('pointermove', over)
    addEventListener('pointerup', drop)
    setDrag({ from, to, places })
  }).current
  return (
    <section aria-label="Run">
      <ol class="legend mono" aria-label="Lanes, from left to right">
        {actors.map((actor, i) => (
          <li>
            <span class="number" />
            <Lanes actors={actors} lanes={i} />
            <span class="corner">┌ </span>
            {actor}
          </li>
        ))}
      </ol>
      <ol class="steps" aria-label="Steps" ref={list}>
        <li>
          <button
            type="button"
            data-step="0"
            aria-current={step === 0 ? 'step' : undefined}
            onClick={() => act.goTo(0)}
          >
            <span class="number">0</span>
            <Lanes actors={actors} />
            <span class="body mono">
              the start{breaks[0] !== '' && <span class="print breaks">✗ {breaks[0]}</span>}
            </span>
          </button>
        </li>
        {run.steps.map((_, i) => (
          <Row
            key={i}
            step={toldAt(run, i)}
            number={i + 1}
            actors={actors}
            isCurrent={here.steps.length === i + 1}
            isLater={i + 1 > here.steps.length}
            isTarget={drag !== null && drag.to === i && drag.places.includes(i)}
            breaks={breaks[i + 1] ?? ''}
            goTo={goTo}
            grab={grab}
            shift={shift}
          />
        ))}
      </ol>
      {run.steps.length === 0 && <Beginnings view={view} />}
      {drag && drag.to !== drag.from && (
        <p role="status" class={drag.places.includes(drag.to) ? 'good' : 'bad'}>
          {drag.places.includes(drag.to)
            ? `step ${drag.from + 1} can be taken as step ${drag.to + 1}`
            : `step ${drag.from + 1} cannot be taken as step ${drag.to + 1}`}
        </p>
      )}
      {stuck && (
        <p class="stuck">
          Step {stuck.at + 1}, <code>{stuck.name}</code>, cannot be taken: <ReasonText reason={stuck.reason} />
        </p>
      )}
    </section>
  )
}
