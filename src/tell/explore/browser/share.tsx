/** The run taken elsewhere: its address, and texts to copy or to save. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { fragmentOf } from '../permalink.js'
import { commandText, mailText, runFile, testText, traceOfRun, type Shared } from '../texts.js'
import type { TruthLine } from '../truth.js'
import type { View } from './view.js'

const kinds = { mail: 'Mail', command: 'Command', test: 'Mocha test', link: 'Link' } as const
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

function textOf(kind: Kind, view: View, shared: Shared): string {
  switch (kind) {
    case 'mail':
      return mailText(shared)
    case 'command':
      return commandText(shared)
    case 'test':
      return testText(shared)
    case 'link':
      return (
        location.href.replace(/#.*/, '') + fragmentOf(shared.subject.protocol, shared.variant.id, view.here, Infinity)
      )
  }
}

/** The panel. */
export function Share({ view, lines }: { view: View; lines: readonly TruthLine[] }): JSX.Element {
  const [kind, setKind] = useState<Kind>('mail')
  const shared = sharedOf(view, lines)
  const text = textOf(kind, view, shared)
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
