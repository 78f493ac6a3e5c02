/** Run until, and is it still possible: a wish put together from what the system has, and what a search in the worker says of it. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { predicateOf } from '../../../write/condition-text.js'
import { count, shown } from '../../text.js'
import { commandForWish, scalarFields, wishesOf, wishText, type Wish } from '../question.js'
import type { Ended } from '../shortest.js'
import { namedOn } from '../variants.js'
import { Command } from './command.js'
import type { Asking, View } from './view.js'

type Kind = 'property' | 'step' | 'stands' | 'field' | 'condition'

/** What can be chosen, by kind: the first choice, and for some a second. */
function wishesIn(
  { here, ready }: View,
  kind: Exclude<Kind, 'condition'>,
): readonly (readonly [label: string, wishes: readonly Wish[]])[] {
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
  wish.kind === 'stands' ? wish.label : wish.kind === 'field' ? shown(wish.value) : wishText(wish)

/** What a search says, never more than it saw; `takes`: the way was taken. */
export function answerText(wish: Wish, way: Ended, takes = false): string {
  const what = wishText(wish)
  switch (way.kind) {
    case 'found':
      if (takes) {
        const steps = way.names.length === 1 ? '1 step' : `${count(way.names.length)} steps`
        return `Taken: ${steps}, a shortest way until ${what} (${count(way.states)} states seen).`
      }
      return way.names.length === 0
        ? `Still possible: ${what} here already.`
        : `Still possible: ${what} after ${count(way.names.length)} more steps at the earliest (${count(way.states)} states seen).`
    case 'nowhere':
      return `Impossible from here: ${what} in none of all ${count(way.states)} states that can still be reached.`
    case 'cut':
      return `Not known: the search was cut at ${count(way.states)} states by its limit of ${way.limit}; ${what} in none of those that were expanded.`
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
  const { variants, ready, act } = view
  const isBad = wish.kind === 'breaks' || wish.kind === 'deadlock'
  const tone = way.kind === 'cut' ? 'soft' : (way.kind === 'found') === isBad ? 'bad' : 'good'
  return (
    <p role="status" class={`answer ${tone}`}>
      {answerText(wish, way, asking.takes)}{' '}
      {way.kind === 'found' && way.names.length > 0 && !asking.takes && (
        <button type="button" class="small" onClick={() => act.take(way.names)}>
          Take these steps
        </button>
      )}
      {way.kind === 'cut' && (
        <>
          <button
            type="button"
            class="small"
            id="further"
            onClick={() => act.ask(wish, asking.takes, asking.further + 1)}
          >
            Look ten times as far
          </button>{' '}
          From the start on, and without a limit:{' '}
          <Command text={commandForWish(namedOn(variants.subject, ready.variant), wish)} />
        </>
      )}
    </p>
  )
}

/** What was chosen so far. */
interface Chosen {
  readonly kind: Kind
  readonly first: number
  readonly second: number
  readonly text: string
}

/** The wish, or what is wrong with the condition. */
function wishIn(view: View, { kind, first, second, text }: Chosen): Wish | string | undefined {
  if (kind !== 'condition') {
    const all = wishesIn(view, kind)
    const [, wishes] = all[Math.min(first, all.length - 1)] ?? ['', []]
    return wishes[Math.min(second, wishes.length - 1)]
  }
  if (text.trim() === '') return undefined
  try {
    predicateOf(view.here.system, text)
    return { kind, text }
  } catch (error) {
    return (error as Error).message
  }
}

function Choosing({
  view,
  chosen,
  choose,
}: {
  view: View
  chosen: Chosen
  choose: (next: Partial<Chosen>) => void
}): JSX.Element {
  const { kind, first, second, text } = chosen
  if (kind === 'condition')
    return (
      <label>
        Condition
        <input
          id="until-text"
          class="mono"
          value={text}
          placeholder="field == 'value' && at(thread) == 'label'"
          onInput={({ currentTarget }) => choose({ text: currentTarget.value })}
        />
      </label>
    )
  const all = wishesIn(view, kind)
  const [, wishes] = all[Math.min(first, all.length - 1)] ?? ['', []]
  return (
    <>
      <label>
        Which
        <select
          id="until-first"
          value={String(first)}
          onChange={({ currentTarget }) => choose({ first: Number(currentTarget.value), second: 0 })}
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
            onChange={({ currentTarget }) => choose({ second: Number(currentTarget.value) })}
          >
            {wishes.map((one, i) => (
              <option value={String(i)}>{secondText(one)}</option>
            ))}
          </select>
        </label>
      )}
    </>
  )
}

/** The form and its answer. */
export function Until({ view }: { view: View }): JSX.Element {
  const [chosen, setChosen] = useState<Chosen>({ kind: 'property', first: 0, second: 0, text: '' })
  const choose = (next: Partial<Chosen>): void => setChosen({ ...chosen, ...next })
  const wish = wishIn(view, chosen)
  const ask = (takes: boolean) => (): void => {
    if (typeof wish === 'object') view.act.ask(wish, takes)
  }
  return (
    <section aria-label="Run until">
      <h2>Run until</h2>
      <div class="tools">
        <label>
          What
          <select
            id="until-kind"
            value={chosen.kind}
            onChange={({ currentTarget }) => choose({ kind: currentTarget.value as Kind, first: 0, second: 0 })}
          >
            <option value="property">a property</option>
            <option value="step">a step is taken</option>
            <option value="stands">a thread stands at</option>
            <option value="field">a field is</option>
            <option value="condition">a condition</option>
          </select>
        </label>
        <Choosing view={view} chosen={chosen} choose={choose} />
        <button type="button" id="run-until" disabled={typeof wish !== 'object'} onClick={ask(true)}>
          Run until
        </button>
        <button type="button" id="still" disabled={typeof wish !== 'object'} onClick={ask(false)}>
          Still possible?
        </button>
      </div>
      {typeof wish === 'string' && (
        <p role="status" class="bad" id="until-mistake">
          {wish}
        </p>
      )}
      {view.asking && <Answer view={view} asking={view.asking} />}
    </section>
  )
}
