/** Run until, and is it still possible: a wish put together from what the system has, and what a search in the worker says of it. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { scalarFields, wishesOf, wishText, type Wish } from '../question.js'
import type { Ended } from '../shortest.js'
import { shownValue, type Asking, type View } from './view.js'

type Kind = 'property' | 'step' | 'stands' | 'field'

/** What can be chosen, by kind: the first choice, and for some a second. */
function wishesIn({ here, ready }: View, kind: Kind): readonly (readonly [label: string, wishes: readonly Wish[]])[] {
  const { system } = here
  switch (kind) {
    case 'property': {
      const wishes: readonly Wish[] = [...wishesOf(ready.properties), { kind: 'deadlock' }]
      return wishes.map((wish) => [wishText(wish), [wish]] as const)
    }
    case 'step':
      return system.transitions.map(({ name }) => [name, [{ kind: 'step', name }]] as const)
    case 'stands':
      return system.threads.map(
        ({ name, labels }) => [name, labels.map((label): Wish => ({ kind: 'stands', thread: name, label }))] as const,
      )
    case 'field':
      return scalarFields(system.shape)
        .filter(({ values }) => values.length <= 64)
        .map(({ field, values }) => [field, values.map((value): Wish => ({ kind: 'field', field, value }))] as const)
  }
}

const secondText = (wish: Wish): string =>
  wish.kind === 'stands' ? wish.label : wish.kind === 'field' ? shownValue(wish.value) : wishText(wish)

const count = (n: number): string => n.toLocaleString('en-US')

/** What a search says, never more than it saw. */
export function answerText(wish: Wish, way: Ended): string {
  const what = wishText(wish)
  switch (way.kind) {
    case 'found':
      return way.names.length === 0
        ? `Still possible: ${what} here already.`
        : `Still possible: ${what} after ${count(way.names.length)} more steps at the earliest (${count(way.states)} states seen).`
    case 'nowhere':
      return `Impossible from here: ${what} in none of all ${count(way.states)} states that can still be reached.`
    case 'cut':
      return `Not known: the search was cut at ${count(way.states)} states by its limit of ${way.limit}; ${what} in none of those that were expanded. thawproof check goes further.`
    case 'faulty':
      return `The model is at fault on the way: ${way.says}`
  }
}

function Answer({ view, asking }: { view: View; asking: Asking }): JSX.Element {
  const { told, wish } = asking
  const states = told?.kind === 'progress' ? told.states : 0
  if (told === null || told.kind === 'progress')
    return (
      <p role="status" class="answer">
        Looking whether {wishText(wish)}: {count(states)} states …{' '}
        <button type="button" class="small" onClick={view.act.giveUp}>
          Give up
        </button>
      </p>
    )
  if (told.kind !== 'way')
    return (
      <p role="status" class="answer bad">
        {told.kind === 'wrong' ? told.says : ''}
      </p>
    )
  const { way } = told
  const isBad = wish.kind === 'breaks' || wish.kind === 'deadlock'
  const tone = way.kind === 'cut' ? 'soft' : (way.kind === 'found') === isBad ? 'bad' : 'good'
  return (
    <p role="status" class={`answer ${tone}`}>
      {answerText(wish, way)}{' '}
      {way.kind === 'found' && way.names.length > 0 && !asking.takes && (
        <button type="button" class="small" onClick={() => view.act.take(way.names)}>
          Take these steps
        </button>
      )}
    </p>
  )
}

/** The form and its answer. */
export function Until({ view }: { view: View }): JSX.Element {
  const [kind, setKind] = useState<Kind>('property')
  const [first, setFirst] = useState(0)
  const [second, setSecond] = useState(0)
  const all = wishesIn(view, kind)
  const [, wishes] = all[Math.min(first, all.length - 1)] ?? ['', []]
  const wish = wishes[Math.min(second, wishes.length - 1)]
  const choose = (next: Kind): void => {
    setKind(next)
    setFirst(0)
    setSecond(0)
  }
  return (
    <section aria-label="Run until">
      <h2>Run until</h2>
      <div class="tools">
        <label>
          What
          <select id="until-kind" value={kind} onChange={(event) => choose(event.currentTarget.value as Kind)}>
            <option value="property">a property</option>
            <option value="step">a step is taken</option>
            <option value="stands">a thread stands at</option>
            <option value="field">a field is</option>
          </select>
        </label>
        <label>
          Which
          <select
            id="until-first"
            value={String(first)}
            onChange={(event) => {
              setFirst(Number(event.currentTarget.value))
              setSecond(0)
            }}
          >
            {all.map(([label], i) => (
              <option value={String(i)}>{label}</option>
            ))}
          </select>
        </label>
        {wishes.length > 1 && (
          <label>
            Value
            <select
              id="until-second"
              value={String(second)}
              onChange={(event) => setSecond(Number(event.currentTarget.value))}
            >
              {wishes.map((one, i) => (
                <option value={String(i)}>{secondText(one)}</option>
              ))}
            </select>
          </label>
        )}
        <button type="button" id="run-until" disabled={!wish} onClick={() => wish && view.act.ask(wish, true)}>
          Run until
        </button>
        <button type="button" id="still" disabled={!wish} onClick={() => wish && view.act.ask(wish, false)}>
          Still possible?
        </button>
      </div>
      {view.asking && <Answer view={view} asking={view.asking} />}
    </section>
  )
}
