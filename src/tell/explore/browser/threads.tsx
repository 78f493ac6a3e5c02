/** The threads as code with cursors, and where the chosen step is in model and source. */

import type { JSX } from 'preact'
import { endOf } from '../../../search/run.js'
import type { ThreadInstance, Transition } from '../../../write/system.js'
import { choicesIn } from '../choices.js'
import { listedAs } from '../listing.js'
import type { View } from './view.js'

/** Function, file and line of a step, linked where that is known. */
export function Whereabouts({ view, transition }: { view: View; transition: Transition }): JSX.Element {
  const { origin, step } = transition
  const { subject } = view.variants
  const code = subject.code[step]
  const listed = subject.listing[listedAs(origin) ?? '']
  const link = (text: string, address: string | null | undefined): JSX.Element =>
    address ? (
      <a href={address} rel="noreferrer noopener" target="_blank">
        <code>{text}</code>
      </a>
    ) : (
      <code>{text}</code>
    )
  return (
    <span class="whereabouts">
      {origin.kind === 'source' ? (
        <>
          {link(origin.symbol, code?.symbol)} in{' '}
          {link(listed ? `${origin.file}:${listed.line}` : origin.file, code?.file)}
        </>
      ) : (
        origin.says
      )}
      {code?.model && (
        <>
          {' '}
          · model: <code>{code.model}</code>
        </>
      )}
    </span>
  )
}

function Listing({ view, thread, index }: { view: View; thread: ThreadInstance; index: number }): JSX.Element {
  const { here } = view
  const stands = endOf(here).at[thread.name]
  const { possible } = choicesIn(here.system, endOf(here))
  const waits = !possible.some((one) => one.thread === index)
  return (
    <section aria-label={`Thread ${thread.name}`}>
      <h3>
        <code>{thread.name}</code>{' '}
        <span class="soft">{`${thread.actor}${stands === 'end' ? ' · ended' : waits ? ' · waits' : ''}`}</span>
      </h3>
      <ol class="code mono">
        {thread.labels.map((label, place) => {
          const ways = here.system.transitions.filter((one) => one.thread === index && one.from === place)
          const isHere = label === stands
          return (
            <li class={isHere ? 'stands' : undefined} aria-current={isHere ? 'location' : undefined}>
              <span class="cursor" aria-hidden="true">
                {isHere ? (waits && label !== 'end' ? '‖' : '▶') : ''}
              </span>
              <span>
                <strong>{label}</strong>
                {ways.map((way) => {
                  const to = way.to === place + 1 ? '' : ` → ${thread.labels[way.to]!}`
                  const own = way.name.slice(way.name.indexOf('.') + 1 + label.length)
                  const can = isHere && possible.includes(way)
                  return own + to === '' ? null : <span class={can ? 'change' : 'change soft'}>{`${own}${to}`}</span>
                })}
              </span>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

/** The function that the step stands for, as the source tree has it. */
function Source({ view }: { view: View }): JSX.Element | null {
  const origin = view.here.steps.at(-1)?.transition.origin
  const listed = origin && view.variants.subject.listing[listedAs(origin) ?? '']
  if (!listed || origin.kind !== 'source') return null
  const lines = listed.text.split('\n')
  return (
    <>
      <h2>
        The source of step {view.here.steps.length}: <code>{`${origin.file}:${listed.line}`}</code>
      </h2>
      <div class="wide" tabindex={0} role="region" aria-label={`Source of ${origin.symbol}`}>
        <pre class="mono" id="source">
          {lines.map((line, i) => `${String(listed.line + i).padStart(5)}  ${line}\n`).join('')}
        </pre>
      </div>
    </>
  )
}

/** The panel. */
export function Threads({ view }: { view: View }): JSX.Element {
  return (
    <>
      <Source view={view} />
      <h2>Where the threads stand</h2>
      <div class="pair">
        {view.here.system.threads.map((thread, index) => (
          <Listing view={view} thread={thread} index={index} />
        ))}
      </div>
    </>
  )
}
