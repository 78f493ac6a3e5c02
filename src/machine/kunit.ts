/** A run as the body of the KUnit test that the kernel's `rvgen kunit` leaves open: its events, and where the monitor must react. */

import { selects } from '../write/predicate.js'
import type { Events } from './event.js'
import { strayed } from './minimal.js'
import type { Monitor } from './monitor.js'

/** The events that a run surely shows, step by step; of each object by itself where a monitor is of each. */
export function eventsIn(
  names: readonly string[],
  events: Events,
  scope: Monitor['scope'],
): readonly (readonly string[])[] {
  const objects = new Map<string, string[]>()
  for (const name of names) {
    const [step, args = ''] = name.split(/(?=\()/)
    const shown = Object.entries(events).filter(([, one]) => selects(one.steps, { step: step!, name }))
    const key = scope === 'per_obj' ? args : ''
    if (shown.length > 0) objects.set(key, [...(objects.get(key) ?? []), ...shown.map(([event]) => event)])
  }
  return [...objects.values()]
}

/** The test; of several objects, of the first that the monitor reports, or of the first. */
export function kunitTest(monitor: Monitor, objects: readonly (readonly string[])[]): string {
  const { name, automaton, probes } = monitor
  const told = objects.find((events) => strayed(automaton, events)) ?? objects[0] ?? []
  const stray = strayed(automaton, told)
  const call = (event: string): string => {
    const probe = probes[event]
    const more = probe ? `the arguments of ${probe.name}` : 'its arguments'
    return `rv_${name}_ops.handle_${event}(NULL /* XXX: ${more} */);`
  }
  const body = told
    .slice(0, stray ? stray.at + 1 : undefined)
    .map((event, i) =>
      i === stray?.at ? `\tRV_KUNIT_EXPECT_REACTION_HERE(test, ctx)\n\t\t${call(event)}` : `\t${call(event)}`,
    )
  return `${[
    `static void rv_test_${name}(struct kunit *test)`,
    '{',
    '\tstruct rv_kunit_ctx *ctx = test->priv;',
    '',
    `\tprepare_test(test, &rv_${name}_ops.mon);`,
    '',
    ...(stray ? [] : ['\t/* The monitor has nothing to say of this run. */']),
    ...body,
    ...(stray ? [`\t/* allowed there: ${stray.allowed.join(', ') || 'nothing'} */`] : []),
    '}',
  ].join('\n')}\n`
}
