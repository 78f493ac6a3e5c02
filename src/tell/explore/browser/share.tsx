/** The run taken elsewhere: its address, and texts to copy or to save. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { fragmentOf } from '../permalink.js'
import { currentOf } from '../branches.js'
import { commandText, mailText, runFile, scenarioOf, testText, traceOfRun, type Kept, type Shared } from '../texts.js'
import type { TruthLine } from '../truth.js'
import type { View } from './view.js'

const kinds = { mail: 'Mail', command: 'Command', test: 'Mocha test', scenario: 'Scenario', link: 'Link' } as const
type Kind = keyof typeof kinds

/** Offers a text as a file. */
export function saveAs(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** What is shared of a view: the run as far as it is shown. */
export const sharedOf = ({ variants, ready, here }: View, lines: readonly TruthLine[]): Shared => ({
  model: variants.model,
  subject: variants.subject,
  variant: ready.variant,
  run: here,
  lines: lines.map((line) => ({ ...line, seen: line.seen.slice(0, here.steps.length + 1) })),
  properties: ready.properties,
})

function textOf(kind: Kind, view: View, shared: Shared, kept: Kept): string {
  switch (kind) {
    case 'mail':
      return mailText(shared)
    case 'command':
      return commandText(shared)
    case 'test':
      return testText(shared)
    case 'scenario':
      return JSON.stringify(scenarioOf(shared, kept), null, 2)
    case 'link':
      return (
        location.href.replace(/#.*/, '') + fragmentOf(shared.subject.protocol, shared.variant.id, view.here, Infinity)
      )
  }
}

/** What is claimed of the run, and where it goes: into the spec by way of the server, or into a file. */
function Keeping({
  view,
  shared,
  kept,
  keep,
}: {
  view: View
  shared: Shared
  kept: Kept
  keep: (next: Partial<Kept>) => void
}): JSX.Element {
  const { subject, variant } = shared
  const cancels = currentOf(view.branches).plan !== undefined
  const isNamed = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(kept.name) && kept.says.trim() !== ''
  const save = (): void => {
    const body = JSON.stringify(scenarioOf(shared, kept))
    fetch('scenario', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
      .then((response) => response.text())
      .then(view.act.say, () => view.act.say('the server is gone: nothing was saved'))
  }
  return (
    <>
      <div class="tools">
        <label>
          Name
          <input
            id="scenario-name"
            value={kept.name}
            onInput={({ currentTarget }) => keep({ name: currentTarget.value })}
          />
        </label>
        <label>
          What happens, as a sentence
          <input
            id="scenario-says"
            value={kept.says}
            onInput={({ currentTarget }) => keep({ says: currentTarget.value })}
          />
        </label>
        <label>
          This run must
          <select value={kept.is} onChange={({ currentTarget }) => keep({ is: currentTarget.value as Kept['is'] })}>
            <option value="possible">stay possible</option>
            <option value="impossible">become impossible</option>
          </select>
        </label>
        {subject.canSave && (
          <button type="button" id="save-scenario" disabled={!isNamed || cancels || !variant.listed} onClick={save}>
            Save into the spec
          </button>
        )}
        <button
          type="button"
          id="download-scenario"
          disabled={!isNamed || cancels}
          onClick={() => saveAs(`${kept.name}.json`, `${JSON.stringify(scenarioOf(shared, kept), null, 2)}\n`)}
        >
          Save as a file
        </button>
      </div>
      {!isNamed && <p class="soft">A scenario has a name of small letters, digits and hyphens, and a sentence.</p>}
      {cancels && (
        <p class="bad">Cancels that the page injects are no steps of the model: such a run is no scenario.</p>
      )}
      {!variant.listed && <p class="bad">This variant is no instance of the spec.</p>}
    </>
  )
}

/** The panel. */
export function Share({ view, lines }: { view: View; lines: readonly TruthLine[] }): JSX.Element {
  const [kind, setKind] = useState<Kind>('mail')
  const [kept, setKept] = useState<Kept>({ name: '', says: '', is: 'possible' })
  const shared = sharedOf(view, lines)
  const text = textOf(kind, view, shared, kept)
  const copy = (): void => {
    const area = document.querySelector<HTMLTextAreaElement>('#share-text')!
    area.select()
    // A page from disk may have no clipboard of its own; the text is selected all the same.
    navigator.clipboard.writeText(text).then(
      () => view.act.say(`copied as ${kinds[kind].toLowerCase()}`),
      () => view.act.say('the text is selected: copy it'),
    )
  }
  return (
    <>
      <h2>Take it elsewhere</h2>
      <div class="tabs" role="group" aria-label="As">
        {Object.entries(kinds).map(([name, label]) => (
          <button type="button" aria-pressed={kind === name} data-share={name} onClick={() => setKind(name as Kind)}>
            {label}
          </button>
        ))}
      </div>
      {kind === 'scenario' && (
        <Keeping view={view} shared={shared} kept={kept} keep={(next) => setKept({ ...kept, ...next })} />
      )}
      <textarea id="share-text" readOnly aria-label={kinds[kind]} value={text} />
      <div class="tools">
        <button type="button" id="copy" onClick={copy}>
          Copy
        </button>
        <button
          type="button"
          id="save-trace"
          onClick={() => saveAs(runFile(shared), `${JSON.stringify(traceOfRun(shared), null, 2)}\n`)}
        >
          Save the run as {runFile(shared)}
        </button>
      </div>
    </>
  )
}
