/** The head of the page: which variant, which run, and what can be done with it. */

import type { JSX } from 'preact'
import { currentOf } from '../branches.js'
import { Whereabouts } from './threads.js'
import type { View } from './view.js'

function KnownRuns({ view }: { view: View }): JSX.Element | null {
  const { variants, run, act } = view
  const { known, chosen: first } = variants.subject
  const chosen = variants.subject.variants[first]!.id
  const { initials } = run.system
  if (known.length + initials.length < 2) return null
  const open = (value: string): void => {
    const [kind, index] = value.split(' ')
    if (kind === 'initial') return act.open({ initial: Number(index), names: [] }, 0)
    const { schedule, variant } = known[Number(index)]!
    act.open(schedule, 0, variant ?? chosen)
  }
  return (
    <label>
      Begin with
      <select id="known" value="" onChange={({ currentTarget }) => open(currentTarget.value)}>
        <option value="">a run …</option>
        {initials.map((_, i) => (
          <option value={`initial ${i}`}>{initials.length === 1 ? 'the start' : `initial state ${i}`}</option>
        ))}
        {known.map(({ title }, i) => (
          <option value={`known ${i}`}>{title}</option>
        ))}
      </select>
    </label>
  )
}

function Tools({ view, help }: { view: View; help: () => void }): JSX.Element {
  const { variants, ready, branches, run, here, act } = view
  const { past, future } = currentOf(branches)
  const [step, steps] = [here.steps.length, run.steps.length]
  // A sign alone where there is little room; the words are there for those who hear them.
  const button = (id: string, sign: string, text: string, can: boolean, does: () => void): JSX.Element => (
    <button type="button" id={id} disabled={!can} onClick={does} title={text}>
      <span aria-hidden="true">{sign} </span>
      <span class="words">{text}</span>
    </button>
  )
  return (
    <div class="tools">
      <label>
        Variant
        <select id="variant" value={ready.variant.id} onChange={({ currentTarget }) => act.choose(currentTarget.value)}>
          {!ready.variant.listed && <option value={ready.variant.id}>{ready.variant.id}</option>}
          {variants.subject.variants
            .filter(({ id, listed }) => listed || id !== ready.variant.id)
            .map(({ id }) => (
              <option value={id}>{id}</option>
            ))}
        </select>
      </label>
      <KnownRuns view={view} />
      {button('undo', '↶', 'Undo', past.length > 0, act.undo)}
      {button('redo', '↷', 'Redo', future.length > 0, act.redo)}
      {button('previous', '↑', 'Back', step > 0, () => act.goTo(step - 1))}
      {button('forward', '↓', 'Forward', step < steps, () => act.goTo(step + 1))}
      {button('shorten', '✂', step < steps ? 'Cut what follows' : 'Cut the last step', steps > 0, act.shorten)}
      {button('fork', '+', 'Fork here', true, act.fork)}
      <button type="button" id="help" onClick={help}>
        <span class="words">Keys </span>
        <kbd>?</kbd>
      </button>
    </div>
  )
}

function Runs({ view }: { view: View }): JSX.Element | null {
  const { all, current } = view.branches
  if (all.length === 1) return null
  return (
    <div class="tabs" role="group" aria-label="Runs">
      {all.map(({ id, now: { schedule }, plan }) => (
        <button type="button" aria-pressed={id === current} data-run={id} onClick={() => view.act.select(id)}>
          {`Run ${id} · ${schedule.names.length}${plan ? ' · with cancels' : ''}`}
        </button>
      ))}
      <button type="button" class="small" aria-label="Close this run" onClick={view.act.close}>
        ✕
      </button>
    </div>
  )
}

/** The head. */
export function Header({ view, says, help }: { view: View; says: string; help: () => void }): JSX.Element {
  const { variants, ready, run, here } = view
  const [step, steps] = [here.steps.length, run.steps.length]
  const where =
    steps === 0
      ? 'at the start, no step taken'
      : `${step === 0 ? 'at the start' : `after step ${step}`} of ${steps === 1 ? '1 step' : `${steps} steps`}`
  return (
    <header>
      <h1>
        {variants.subject.protocol}/{ready.variant.id}
      </h1>
      <p class="soft about">{ready.variant.says}</p>
      <Tools view={view} help={help} />
      <Runs view={view} />
      <p class="says" role="status" id="where">
        {`${where}${says === '' ? '' : ` · ${says}`}`}
      </p>
      {step > 0 && (
        <p>
          <Whereabouts view={view} transition={here.steps.at(-1)!.transition} />
        </p>
      )}
    </header>
  )
}
