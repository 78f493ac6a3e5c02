/** The page as a whole: its parts, which of them are shown, and what keys do. */

import { render, type JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Fault } from '../../../search/reference.js'
import { endOf } from '../../../search/run.js'
import { choicesIn } from '../choices.js'
import type { Variants } from '../variants.js'
import { Beside } from './beside.js'
import { useExploration, type Exploration } from './exploration.js'
import { Header } from './header.js'
import { Help, keyed, type Keyed } from './keys.js'
import { MapPanel } from './map.js'
import { Next } from './next.js'
import { RunList } from './run-list.js'
import { Share } from './share.js'
import { StateTable } from './state-table.js'
import { Threads } from './threads.js'
import { Truths } from './truths.js'
import type { View } from './view.js'
import { WaitsPanel } from './waits.js'

const panels = {
  next: ['Next', ({ view }) => <Next view={view} />],
  state: ['State', ({ view }) => <StateTable view={view} />],
  truths: ['Properties', ({ view, lines, debts }) => <Truths view={view} lines={lines} debts={debts} />],
  threads: ['Threads', ({ view }) => <Threads view={view} />],
  waits: ['Waits', ({ view }) => <WaitsPanel view={view} />],
  map: ['Map', ({ view }) => <MapPanel view={view} />],
  beside: ['Beside', ({ view }) => <Beside view={view} />],
  share: ['Share', ({ view, lines }) => <Share view={view} lines={lines} />],
} satisfies Readonly<Record<string, readonly [title: string, draw: (all: Exploration) => JSX.Element]>>
type Panel = keyof typeof panels
const order = Object.keys(panels) as readonly Panel[]

const isWide = (): boolean => matchMedia('(min-width: 52.01rem)').matches

/** What keys do with the run that is looked at. */
function keysOn({ run, here, act }: View, turn: (by: number) => void, help: () => void): Keyed {
  const [step, steps] = [here.steps.length, run.steps.length]
  return {
    next: () => act.goTo(step + 1),
    previous: () => act.goTo(step - 1),
    first: () => act.goTo(0),
    last: () => act.goTo(steps),
    take: (number) => {
      const choice = choicesIn(run.system, endOf(here)).possible[number - 1]
      if (choice) act.take([choice.name])
    },
    undo: act.undo,
    redo: act.redo,
    shorten: act.shorten,
    fork: act.fork,
    earlier: () => step > 1 && act.move(step - 1, step - 2),
    later: () => step > 0 && step < steps && act.move(step - 1, step),
    pin: act.pin,
    panel: turn,
    help,
  }
}

/** Keys are listened to by what was drawn last, not only after it is painted: they can be faster. */
function useKeys(keys: Keyed): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => keyed(latest.current)(event)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}

function App({ variants }: { variants: Variants }): JSX.Element {
  const exploration = useExploration(variants)
  const { view, breaks, says } = exploration
  const [panel, setPanel] = useState<Panel>('next')
  const [shows, setShows] = useState<'run' | 'panel'>('run')
  const [helps, setHelps] = useState(false)
  const choose = (next: Panel): void => {
    setPanel(next)
    setShows('panel')
  }
  const turn = (by: number): void => choose(order[(order.indexOf(panel) + by + order.length) % order.length]!)
  useKeys(keysOn(view, turn, () => setHelps(true)))
  return (
    <>
      <Header view={view} says={says} help={() => setHelps(true)} />
      <main>
        <div class="bench" data-shows={shows}>
          <div class="column" tabindex={-1}>
            <RunList view={view} breaks={breaks} />
          </div>
          <div class="column" tabindex={0} role="region" aria-label="About this state">
            <div class="tabs" role="tablist" aria-label="About this state">
              <button
                type="button"
                role="tab"
                class="only-phone"
                aria-selected={shows === 'run'}
                onClick={() => setShows('run')}
              >
                Run
              </button>
              {order.map((name) => (
                <button
                  type="button"
                  role="tab"
                  id={`tab-${name}`}
                  aria-controls="panel"
                  aria-selected={panel === name && (shows === 'panel' || isWide())}
                  onClick={() => choose(name)}
                >
                  {panels[name][0]}
                </button>
              ))}
            </div>
            <div class="panel" id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`}>
              {panels[panel][1](exploration)}
            </div>
          </div>
        </div>
        {helps && <Help close={() => setHelps(false)} />}
      </main>
    </>
  )
}

/** Shows the explorer in an element; what keeps it from starting is told there. */
export function show(variants: Variants, element: HTMLElement): void {
  try {
    render(<App variants={variants} />, element)
  } catch (error) {
    if (!(error instanceof Fault) && (error as Error).name !== 'Mistake') throw error
    render(<p class="bad">{(error as Error).message}</p>, element)
  }
}
