/** Traces in the formats of others: complete, valid, and back again. */

import { instance as graphviz } from '@viz-js/viz'
import { Ajv2020 } from 'ajv/dist/2020.js'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dotOf, fieldsGiven } from '../src/tell/formats/dot.js'
import { itfOf } from '../src/tell/formats/itf.js'
import { ascii, mailOf } from '../src/tell/formats/mail.js'
import { sequenceOf } from '../src/tell/formats/mermaid.js'
import { plainly } from '../src/tell/formats/plain.js'
import { timelineOf, type TimelineEvent } from '../src/tell/formats/perfetto.js'
import { instanceOf, loadProtocol, protocolNames, systemOf, type Protocol } from '../src/tell/protocol.js'
import { recordedTraces } from '../src/tell/runs.js'
import { follow, readTrace } from '../src/tell/recorded.js'
import { stateAfter } from '../src/tell/states.js'
import { commandOf, traceOf, type Trace } from '../src/tell/trace.js'
import { check, propertiesFor, systemFor } from '../src/search/check.js'
import { explore } from '../src/search/explore.js'
import { longTrace } from './long.js'
import { shownTrace } from './shown.js'

const folder = mkdtempSync(join(tmpdir(), 'thawproof-formats-'))
after(() => rmSync(folder, { recursive: true }))

/** A run that goes round for ever, of a property of whole runs. */
async function lasso(): Promise<{ protocol: Protocol; trace: Trace }> {
  const protocol = await loadProtocol('xen-arm-control')
  const instance = instanceOf(protocol, 'S4')
  const system = systemOf(protocol, instance)
  const { verdicts } = await check(system, protocol.properties)
  const verdict = verdicts.find(({ run }) => run?.loop !== undefined)!
  const property = propertiesFor(system, protocol.properties).find(({ name }) => name === verdict.property)
  return { protocol, trace: traceOf({ instance: instance.id, verdict, run: verdict.run!, property }) }
}

describe('the mail form', () => {
  it('fits 72 columns of ASCII and tells a bug report in order', async () => {
    const { protocol, trace } = await shownTrace('xen-pv-guest', 'B01', 'no-revoke-in-use')
    const mail = mailOf(trace, protocol)
    for (const line of mail.split('\n')) {
      assert.ok(line.length <= 72, line)
      assert.match(line, /^[ -~]*$/)
    }
    const places = [
      /^Subject: xen-pv-guest: A pvops kernel [^]*?\n\n/,
      /\n\nWhy does the PVOPS guest get stuck when it is suspended and resumed in\nplace\?\n {2}Up to 2\.6\.38 /,
      /Does PVOPS guest os support online "suspend\/resume"\?/,
      /Revision of the code:\n {2}- linux-2\.6\.32: /,
      /Circumstances:\n/,
      /\n {2}2\. guest: shutdown_handler\(\), drivers\/xen\/manage\.c\n/,
      /\n {7}The legacy bus resume is not told the outcome: /,
      /\nExpected:\n {2}\S/,
      /\nActual:\n {2}Step 12, blkfront_resume\(\), breaks it\./,
      /dev\.vbd\.grants\[0\] is "leaked, still mapped" since step 12/,
      /\nTo reproduce it on a real machine:\n {2}- step \d+: xl save -c/,
      /\n {2}npx thawproof trace xen-pv-guest\/B01 \S+\n/,
    ].map((what) => mail.search(what))
    assert.ok(!places.includes(-1), places.join(' '))
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    )
  })

  it('tells what keeps happening and what never does, in plain words', async () => {
    const { protocol, trace } = await shownTrace('xen-arm-control', 'S4', 'backend-resumed')
    const mail = mailOf(trace, protocol)
    const text = mail.replace(/\s+/g, ' ')
    assert.match(
      text,
      /Actual: Steps 8 to 9 repeat for ever: dom0 goes through pm_suspend\(\) and domU goes through pm_suspend\(\), again and again\. It is due after step 4, and it never comes about\. Nothing obliges domU\.submit to act\. That everybody gets a turn would not change it\./,
    )
    const stopped = await shownTrace('xen-pv-guest', 'B01', 'devices-reconnect')
    assert.match(
      mailOf(stopped.trace, stopped.protocol).replace(/\s+/g, ' '),
      /Actual: It is due after step \d+, and it never comes about\. Only user\.submit_bio\(0\) could go on, and nothing obliges it to\./,
    )
    assert.equal(
      plainly('it never happens; fair because ; it would hold with weak fairness of a(1) and strong fairness of b'),
      'It never comes about. It would come about if a(1) and b could be relied on to act, b even where that is possible only now and then.',
    )
  })

  it('has no word that only model checkers know, whatever was recorded', async () => {
    let told = 0
    for (const protocol of await Promise.all(protocolNames().map(loadProtocol)))
      for (const trace of recordedTraces(protocol).filter(({ why }) => why !== null)) {
        const found = /\nActual:\n([^]*?)\n\n/.exec(mailOf(trace, protocol))![1]!
        assert.doesNotMatch(found, /premise|fair|\bgoal\b|lasso|\bit may stop here\b|in the loop/, found)
        told++
      }
    assert.ok(told > 400, String(told))
  })

  it('keeps what has a likeness in ASCII', () => assert.equal(ascii('a → ’b’ … é ✗'), "a -> 'b' ... e ?"))

  it('says how to show a run of a variant made up on the command line', async () => {
    const { trace } = await shownTrace('grant-revoke', (await loadProtocol('grant-revoke')).spec.instances[0]!.id)
    const madeUp = { ...trace, instance: 'base n=1 +x', parameters: { n: 1 }, patches: ['x'], property: 'safe' }
    assert.equal(commandOf(madeUp, './my.ts'), 'thawproof trace ./my.ts safe -p n=1 --patch x')
  })
})

/** The Informal Trace Format, from Apalache's ADR-015. */
const itfSchema = {
  type: 'object',
  required: ['vars', 'states'],
  additionalProperties: false,
  properties: {
    '#meta': { type: 'object' },
    params: { type: 'array', items: { type: 'string' } },
    vars: { type: 'array', items: { type: 'string' } },
    loop: { type: 'integer', minimum: 0 },
    states: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: { '#meta': { type: 'object' } },
        additionalProperties: { $ref: '#/$defs/expression' },
      },
    },
  },
  $defs: {
    expression: {
      anyOf: [
        { type: ['string', 'boolean'] },
        { type: 'array', items: { $ref: '#/$defs/expression' } },
        only('#bigint', { type: 'string', pattern: '^-?[0-9]+$' }),
        only('#tup', { type: 'array', items: { $ref: '#/$defs/expression' } }),
        only('#map', {
          type: 'array',
          items: { type: 'array', minItems: 2, maxItems: 2, items: { $ref: '#/$defs/expression' } },
        }),
        {
          type: 'object',
          propertyNames: { pattern: '^[^#]' },
          additionalProperties: { $ref: '#/$defs/expression' },
        },
      ],
    },
  },
}

function only(key: string, value: object): object {
  return { type: 'object', required: [key], additionalProperties: false, properties: { [key]: value } }
}

/** The plain value that an expression of the format stands for. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  if ('#bigint' in value) return Number(value['#bigint'])
  if ('tag' in value && value.tag === 'None') return null
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

describe('the trace as JSON', () => {
  for (const [what, make] of [
    ['a finite run', () => shownTrace('xen-pv-guest', 'B01', 'no-revoke-in-use')],
    ['a lasso', lasso],
  ] as const)
    it(`fits its schema, and replays to itself: ${what}`, async () => {
      const { protocol, trace } = await make()
      const file = join(folder, 'trace.json')
      writeFileSync(file, JSON.stringify(trace))
      const recorded = readTrace(file)
      assert.deepEqual(recorded, JSON.parse(JSON.stringify(trace)))
      const system = systemOf(protocol, recorded)
      const property = propertiesFor(system, protocol.properties).find(({ name }) => name === trace.property)
      const { says, why, doomed } = recorded
      const verdict = { property: trace.property, says, verdict: 'violated', ...(why !== null && { why }) } as const
      const run = follow(systemFor(system, property), recorded)
      assert.deepEqual(
        traceOf({ instance: trace.instance, verdict, run, property, doomed, picture: protocol.picture }),
        trace,
      )
    })

  it('names what is wrong with a file, and where', async () => {
    const { trace } = await shownTrace('xen-pv-guest', 'B01', 'no-revoke-in-use')
    const file = join(folder, 'wrong.json')
    const refused = (wrong: unknown, message: RegExp): void => {
      writeFileSync(file, typeof wrong === 'string' ? wrong : JSON.stringify(wrong))
      assert.throws(() => readTrace(file), message)
    }
    const [first, ...rest] = trace.steps
    refused('{', /wrong\.json.*: is not JSON: a closing brace is missing/)
    refused({ steps: [] }, /is not a thawproof\/trace@1\n {2}write one with/)
    refused({ ...trace, initial: -1 }, /wrong\.json, initial: /)
    refused({ ...trace, stepz: [] }, /there is no key 'stepz'\n {2}did you mean 'steps'\?/)
    refused(
      { ...trace, verdict: 'broken' },
      /wrong\.json, verdict: 'broken' is not known\n {2}known: holds, violated, vacuous, trivial, unknown, possible/,
    )
    refused({ ...trace, steps: [{ ...first!, name: 7 }, ...rest] }, /steps\[0\]\.name: wants a text, not 7/)
    const adrift = { ...first!, origin: { kind: 'source', file: 'a.c' } }
    refused({ ...trace, steps: [adrift, ...rest] }, /steps\[0\]\.origin: has no "symbol"/)
    assert.throws(() => readTrace(join(folder, 'none.json')), /none\.json: cannot be read \(ENOENT\)/)
  })
})

describe('ITF', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(itfSchema)

  for (const [what, make] of [
    ['a finite run', () => shownTrace('xen-pv-guest', 'B01', 'no-revoke-in-use')],
    ['a lasso', lasso],
  ] as const)
    it(`is valid, holds every state, and replays to itself: ${what}`, async () => {
      const { protocol, trace } = await make()
      const itf = itfOf(trace)
      assert.ok(validate(itf), JSON.stringify(validate.errors))
      itf.states.forEach((state, i) => {
        const fields = Object.keys(trace.start as object).map((name) => [name, plain(state[name])])
        assert.deepEqual(Object.fromEntries(fields), stateAfter(trace, i))
        assert.deepEqual(Object.keys(state).slice(1), itf.vars)
      })
      const file = join(folder, 'trace.itf.json')
      writeFileSync(file, JSON.stringify(itf))
      const recorded = readTrace(file)
      const run = follow(systemOf(protocol, recorded), recorded)
      const verdict = { property: trace.property, says: trace.says, verdict: 'violated' } as const
      const again = traceOf({ instance: trace.instance, verdict, run })
      assert.deepEqual(itfOf({ ...again, why: trace.why, doomed: trace.doomed }), itf)
    })

  it('of another program is refused: it does not say of what it is a trace', () => {
    const file = join(folder, 'foreign.itf.json')
    writeFileSync(file, JSON.stringify({ '#meta': { format: 'ITF' }, vars: ['x'], states: [{ x: true }] }))
    assert.throws(() => readTrace(file), /does not say which instance it is a trace of/)
  })
})

/**
 * The events that are written, as the "Trace Event Format" (Nat Duca and Dean Sinclair, the document that chrome://tracing and Perfetto's
 * JSON importer go by) describes them: metadata, complete, flow and instant events in the JSON Object Format.
 */
const timelineSchema = {
  type: 'object',
  required: ['traceEvents'],
  additionalProperties: false,
  properties: {
    displayTimeUnit: { enum: ['ms', 'ns'] },
    traceEvents: {
      type: 'array',
      items: {
        type: 'object',
        required: ['ph', 'pid', 'tid', 'name'],
        properties: { ph: { enum: ['M', 'X', 's', 'f', 'i'] }, pid: { type: 'integer' }, tid: { type: 'integer' } },
        allOf: [
          event('M', ['args'], {
            name: { enum: ['process_name', 'thread_name'] },
            args: {
              type: 'object',
              required: ['name'],
              additionalProperties: false,
              properties: { name: { type: 'string' } },
            },
          }),
          event('X', ['ts', 'dur', 'cat'], { dur: { type: 'number', minimum: 0 }, args: { type: 'object' } }),
          event('s', ['ts', 'cat', 'id'], { id: { type: ['integer', 'string'] } }),
          event('f', ['ts', 'cat', 'id'], { id: { type: ['integer', 'string'] }, bp: { const: 'e' } }),
          event('i', ['ts'], { s: { enum: ['g', 'p', 't'] }, args: { type: 'object' } }),
        ],
      },
    },
  },
}

/** Events of one phase: what they must have, and what else they may have. */
function event(ph: string, required: readonly string[], more: object): object {
  const common = { ph: true, pid: true, tid: true, name: { type: 'string' } }
  const timed = ph === 'M' ? {} : { ts: { type: 'number', minimum: 0 }, cat: { type: 'string' } }
  return {
    if: { properties: { ph: { const: ph } } },
    then: { required, additionalProperties: false, properties: { ...common, ...timed, ...more } },
  }
}

describe('the timeline', () => {
  it('fits the Trace Event Format', async () => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(timelineSchema)
    for (const { trace } of [
      await shownTrace('xen-pv-guest', 'B01', 'no-revoke-in-use'),
      await lasso(),
      { trace: await longTrace() },
    ]) {
      const timeline = timelineOf(trace)
      assert.ok(validate(timeline), JSON.stringify(validate.errors))
      const broken = timeline.traceEvents.map(({ ts, ...rest }) => (void ts, rest))
      assert.equal(validate({ ...timeline, traceEvents: broken }), false)
    }
  })

  it('has a slice per step, nested slices per track, and an arrow for every signal', async () => {
    const { trace } = await shownTrace('xen-pv-guest', 'B01', 'no-revoke-in-use')
    const { traceEvents } = timelineOf(trace)
    const of = (ph: string): readonly TimelineEvent[] => traceEvents.filter((one) => one.ph === ph)
    assert.deepEqual(
      of('X')
        .filter(({ cat }) => cat === 'step')
        .map(({ name }) => name),
      trace.steps.map(({ name }) => name),
    )
    const signals = trace.steps.filter(({ signals: to, actor }) => to !== null && to !== actor).length
    assert.ok(signals > 0)
    assert.deepEqual([of('s').length, of('f').length], [signals, signals])
    for (const start of of('s')) {
      const end = of('f').find(({ id }) => id === start['id'])!
      for (const { tid, ts } of [start, end])
        assert.ok(of('X').some((one) => one.tid === tid && one.ts! <= ts! && ts! <= one.ts! + one.dur!))
    }
    for (const a of of('X'))
      for (const b of of('X').filter((one) => one !== a && one.tid === a.tid))
        assert.ok(a.ts! + a.dur! <= b.ts! || b.ts! + b.dur! <= a.ts!, `${a.name} overlaps ${b.name}`)
    assert.equal(of('i')[0]!['s'], 'g')
    const named = new Set(of('M').map(({ tid }) => tid))
    assert.ok(traceEvents.every(({ tid }) => named.has(tid)))
  })
})

describe('the sequence diagram', () => {
  it('has a participant per actor, an arrow per step, and nothing that ends a label', async () => {
    const { trace } = await shownTrace('xen-pv-guest', 'B01', 'no-revoke-in-use')
    const lines = sequenceOf(trace).split('\n')
    assert.deepEqual(lines.slice(0, 3), [
      'sequenceDiagram',
      '  participant a0 as toolstack',
      '  participant a1 as guest',
    ])
    assert.equal(lines.filter((line) => line.includes('->>')).length, trace.steps.length)
    for (const line of lines) assert.doesNotMatch(line.replace(/#\d+;|<br\/>/g, ''), /[;<]/)
  })

  it('shows what repeats', async () => {
    const { trace } = await lasso()
    assert.match(sequenceOf(trace), /\n {2}loop for ever\n(.*\n)+ {2}end\n/)
  })
})

describe('DOT', () => {
  const explored = async (maxStates = Infinity): Promise<Awaited<ReturnType<typeof explore>>> => {
    const protocol = await loadProtocol('xen-domain-freeze')
    const system = systemOf(protocol, instanceOf(protocol, 'S16'))
    return explore(system, { states: [], steps: [], collects: [] }, { keepEdges: true, maxStates })
  }
  const drawn = async (dot: string): Promise<{ nodes: number; edges: number; text: string }> => {
    const text = (await graphviz()).renderString(dot, { format: 'svg' })
    const count = (kind: string): number => text.match(new RegExp(`class="${kind}"`, 'g'))?.length ?? 0
    return { nodes: count('node'), edges: count('edge'), text }
  }

  it('is read by Graphviz with every state and every transition', async () => {
    const graph = await explored()
    const { nodes, edges, text } = await drawn(dotOf(graph, { by: [], most: 1000 }))
    assert.equal(nodes, graph.states)
    const pairs = new Set<string>()
    for (let id = 0; id < graph.states; id++)
      for (let edge = graph.edges!.first.at(id); edge < graph.edges!.first.at(id + 1); edge++)
        pairs.add(`${id} ${graph.edges!.target.at(edge)}`)
    assert.equal(edges, pairs.size)
    assert.match(text, new RegExp(`>${graph.states} states<`))
  })

  it('is folded by fields and places of threads, with no state lost', async () => {
    const graph = await explored()
    const dot = dotOf(graph, { by: fieldsGiven('dom[1].exists, at freeze'), most: 300 })
    const counts = [...dot.matchAll(/(\d+) states?"/g)].map(([, n]) => Number(n))
    assert.equal(
      counts.slice(1).reduce((a, b) => a + b, 0),
      graph.states,
    )
    assert.equal((await drawn(dot)).nodes, counts.length - 1)
    assert.throws(() => dotOf(graph, { by: ['dom[1].exist'], most: 9 }), /no field 'dom\[1\]\.exist'|dom\[1\]\.exists/)
  })

  it('says what it leaves out', async () => {
    const { nodes, text } = await drawn(dotOf(await explored(), { by: [], most: 10 }))
    assert.equal(nodes, 10)
    assert.match(text, /157 more nodes are not drawn/)
    assert.match((await drawn(dotOf(await explored(20), { by: [], most: 300 }))).text, /the search was cut/)
  })
})
