/** What can be done here: steps to take, what somebody outside can do, and of the others which condition is false. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { endOf } from '../../../search/run.js'
import type { Transition } from '../../../write/system.js'
import { currentOf } from '../branches.js'
import { choicesIn, occasionOf, occasions, whyNot, type Occasion } from '../choices.js'
import { scheduleOf, follow } from '../schedule.js'
import { ReasonWithHelpers } from './reason.js'
import type { View } from './view.js'
import { planNumber } from './worker.js'
import { Until } from './until.js'

const headings: Readonly<Record<Occasion, string>> = {
  cancel: 'Cancel here',
  fail: 'Fail here',
  wake: 'Wake here',
  interrupt: 'Deliver here',
  other: 'From outside',
}

/** The step that the run takes next, if it goes on. */
const nextOf = ({ branches }: View): string | undefined => {
  const { schedule, step } = currentOf(branches).now
  return schedule.names[step]
}

function Choice({ view, transition, number }: { view: View; transition: Transition; number: number }): JSX.Element {
  const { says, actor, origin } = transition
  return (
    <li>
      <button
        type="button"
        class={`choice mono ${nextOf(view) === transition.name ? 'primary' : ''}`}
        data-take={transition.name}
        onClick={() => view.act.take([transition.name])}
      >
        {number <= 9 && <kbd>{number}</kbd>} <strong>{transition.name}</strong>
        <span class="soft">
          {` ${actor} · ${says ?? (origin.kind === 'source' ? origin.symbol : origin.says)}`}
          {nextOf(view) === transition.name ? ' · as the run goes on' : ''}
        </span>
      </button>
    </li>
  )
}

/** Cancels that a plan would inject here, with the number of the plan. */
function injected({
  ready,
  here,
  branches,
}: View): readonly { readonly plan: number; readonly transition: Transition }[] {
  if (currentOf(branches).plan) return []
  return [...ready.cancels].flatMap(([one, system]) => {
    const { run, stuck } = follow(system, scheduleOf(here))
    const plan = planNumber(ready, one)
    if (stuck) return []
    return choicesIn(system, endOf(run))
      .possible.filter(({ step }) => step.startsWith('cancel.'))
      .map((transition) => ({ plan, transition }))
  })
}

function Outside({ view, possible }: { view: View; possible: readonly Transition[] }): JSX.Element | null {
  const groups = occasions.map((occasion) => ({
    occasion,
    steps: possible.filter((one) => occasionOf(one, possible) === occasion),
  }))
  const cancels = injected(view)
  if (groups.every(({ steps }) => steps.length === 0) && cancels.length === 0) return null
  return (
    <div class="tools" role="group" aria-label="What somebody outside can do here">
      {groups.map(({ occasion, steps }) => {
        const more = occasion === 'cancel' ? cancels : []
        if (steps.length + more.length === 0) return null
        return (
          <div class="field" role="group" aria-label={headings[occasion]}>
            {headings[occasion]}
            <span class="tools">
              {steps.map(({ name }) => (
                <button type="button" class="small" data-occasion={occasion} onClick={() => view.act.take([name])}>
                  {name.replace(/^[^.]*\./, '')}
                </button>
              ))}
              {more.map(({ plan, transition: { name, says } }) => (
                <button
                  type="button"
                  class="small"
                  data-occasion="cancel"
                  title={says}
                  onClick={() => view.act.cancel(plan, name)}
                >
                  {name.replace(/^cancel\./, '')}
                </button>
              ))}
            </span>
          </div>
        )
      })}
    </div>
  )
}

function WhyNot({ view, transition, open }: { view: View; transition: Transition; open: boolean }): JSX.Element {
  const [isOpen, setOpen] = useState(open)
  return (
    <li>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary class="mono">{transition.name}</summary>
        {isOpen && (
          <>
            <ReasonWithHelpers reason={whyNot(view.here, transition)} view={view} />
            <button
              type="button"
              class="small"
              onClick={() => view.act.ask({ kind: 'step', name: transition.name }, true)}
            >
              As soon as possible
            </button>
          </>
        )}
      </details>
    </li>
  )
}

/** A list of steps, each with why it cannot be taken: told anew behind each step of the run. */
const NotPossible = ({
  view,
  label,
  steps,
  open,
}: {
  view: View
  label: string
  steps: readonly Transition[]
  open: boolean
}): JSX.Element => (
  <ul class="choices" aria-label={label}>
    {steps.map((transition) => (
      <WhyNot key={`${view.here.steps.length} ${transition.name}`} view={view} transition={transition} open={open} />
    ))}
  </ul>
)

/** The panel. */
export function Next({ view }: { view: View }): JSX.Element {
  const { here } = view
  const { possible, blocked, elsewhere } = choicesIn(here.system, endOf(here))
  return (
    <>
      <h2>Possible here</h2>
      {possible.length === 0 && <p class="bad">Nothing can happen any more.</p>}
      <ul class="choices" aria-label="Steps that can be taken">
        {possible.map((transition, i) => (
          <Choice view={view} transition={transition} number={i + 1} />
        ))}
      </ul>
      <Outside view={view} possible={possible} />
      <Until view={view} />
      <h2>Not possible here</h2>
      {blocked.length === 0 && <p class="soft">No guard is false where a thread stands.</p>}
      <NotPossible view={view} label="Steps whose guard is false" steps={blocked} open={blocked.length <= 4} />
      {elsewhere.length > 0 && (
        <details>
          <summary>{elsewhere.length} more, whose threads stand elsewhere</summary>
          <NotPossible view={view} label="Steps whose threads stand elsewhere" steps={elsewhere} open={false} />
        </details>
      )}
    </>
  )
}
