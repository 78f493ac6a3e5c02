/** The table of virtio's requirements: every row names a property that exists, its template, and the fairness it needs. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { check } from '../src/check.js'
import { instantiate, type Model, type Properties, type Property } from '../src/index.js'
import { expectedVerdict, readSpec, type Instance, type Spec } from '../src/tell/spec.js'

interface Row {
  readonly property: string
  readonly protocols: readonly string[]
  readonly template: string
  readonly needs: readonly string[]
}

const page = readFileSync('properties/virtio/README.md', 'utf8')
const rows: readonly Row[] = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 8 && /^(S|L)\d+$|^D$/.test(cells[1]!))
  .map(([, , , property, protocols, template, needs]) => ({
    property: property!.replaceAll('`', ''),
    protocols: protocols!.split(', ').map((short) => `virtio-${short}`),
    template: template!.replaceAll('`', ''),
    needs: needs === '–' ? [] : needs!.split(' '),
  }))

const protocols = [...new Set(rows.flatMap((row) => row.protocols))]

/** Which switch an assumption belongs to. */
const switches: readonly (readonly [string, RegExp])[] = [
  ['FH', /^(host\.|device\.|vmm$|worker\.(kick_evt|complete)$)/],
  ['FI', /^(irq|guest\.vring_interrupt$)/],
  ['FS', /^(xmit|poll|worker\.napi_poll)$/],
  ['FP', /^(pm|remove|driver|dpm|blk|net)$/],
]
const switchOf = (assumption: string): string => switches.find(([, names]) => names.test(assumption))?.[0] ?? 'FW'

const modelOf = async (protocol: string) => ((await import(`../models/${protocol}.js`)) as { default: Model }).default
const propertiesOf = async (
  protocol: string,
  parameters: Readonly<Record<string, never>>,
): Promise<readonly Property[]> => {
  const { default: declared } = (await import(`../properties/${protocol}.js`)) as { default: Properties }
  return typeof declared === 'function' ? declared(parameters) : declared
}

/** The parameters of the first instance. */
async function parametersOf(protocol: string): Promise<Readonly<Record<string, never>>> {
  const { parameters, patches } = specs[protocol]!.instances[0]!
  return instantiate(await modelOf(protocol), { parameters, patches }).parameters as never
}

/** The switches that a promise needs, in the first instance without an error in which it holds; other properties need none. */
async function needsOf(protocol: string, property: string): Promise<readonly string[]> {
  const model = await modelOf(protocol)
  const asked = async ({ parameters, patches, fairness }: Pick<Instance, 'parameters' | 'patches' | 'fairness'>) => {
    const system = instantiate(model, { parameters, patches, ...(fairness && { fairness }) })
    const all = await propertiesOf(protocol, system.parameters as never)
    return { system, one: all.find(({ name }) => name === property)! }
  }
  const { instances } = specs[protocol]!
  if ((await asked(instances[0]!)).one.kind !== 'leadsTo') return []
  const holds = instances.find((one) => expectedVerdict(one, property) === 'holds' && one.form !== 'buggy')
  const { system, one } = await asked(holds ?? assert.fail(`${property} holds in no instance of ${protocol}`))
  const { verdicts } = await check(system, [one])
  const { needs = [] } = verdicts.find((verdict) => verdict.property === property)!
  return ['FH', 'FI', 'FW', 'FS', 'FP'].filter((each) => needs.some(({ of }) => switchOf(of) === each))
}

const specs: Readonly<Record<string, Spec>> = Object.fromEntries(
  protocols.map((protocol) => [protocol, readSpec(`specs/${protocol}.json`)]),
)

describe('the requirements of virtio', () => {
  it('are S1 to S12, L1 to L10 and D', () => {
    const ids = new Set([...page.matchAll(/^\| ([SL]\d+|D) /gm)].map(([, id]) => id))
    const wanted = [...Array(12).keys()].map((i) => `S${i + 1}`).concat([...Array(10).keys()].map((i) => `L${i + 1}`))
    assert.deepEqual(ids, new Set([...wanted, 'D']))
  })

  it('leave no property of a virtio protocol out', async () => {
    for (const protocol of protocols)
      for (const { name: property } of await propertiesOf(protocol, await parametersOf(protocol))) {
        assert.ok(
          rows.some((row) => row.property === property && row.protocols.includes(protocol)),
          `${protocol} ${property}`,
        )
      }
  })

  for (const { property, protocols: those, template, needs } of rows)
    for (const protocol of those)
      it(`${protocol}: ${property} is made by ${template} and needs ${needs.join(' ') || 'nothing'}`, async () => {
        const texts = [`properties/${protocol}.ts`, 'properties/virtio/contract.ts'].filter(existsSync)
        const name = property.replace(/-r\d-/, '-${q}-')
        const made = new RegExp(
          `${template}\\(\\{\\s*what: [^\\n]*\\s*name: ['\`]${name.replace(/[${}]/g, '\\$&')}['\`]`,
        )
        assert.ok(
          texts.some((file) => made.test(readFileSync(file, 'utf8'))),
          `${template} of ${property}`,
        )
        assert.deepEqual(await needsOf(protocol, property), needs)
      }).timeout(60_000)

  it('were predicted by hand, and came out as the page says', () => {
    const predicted = [
      ...page.matchAll(/\| `([\w-]+)\/([\w.-]+)` `([\w-]+)`\s*\| (holds|violated|vacuous)(?: in (\d+))?\s*\|/g),
    ]
    assert.equal(predicted.length, (page.match(/^\| [^|]*\| (?:[SL]\d+|D) [^|]*\| `/gm) ?? []).length)
    for (const [, protocol, id, property, verdict, steps] of predicted) {
      const instance = specs[protocol!]!.instances.find((one) => one.id === id)!
      assert.equal(expectedVerdict(instance, property!), verdict, `${protocol}/${id} ${property}`)
      assert.equal(instance.measured!.traces[property!]?.toString(), steps, `${protocol}/${id} ${property}`)
    }
  })

  it('name instances that exist', () => {
    for (const [, protocol, instance] of page.matchAll(/`(virtio-\w+)\/([\w.-]+)`/g))
      assert.ok(
        specs[protocol!]?.instances.some(({ id }) => id === instance),
        `${protocol}/${instance}`,
      )
  })
})
