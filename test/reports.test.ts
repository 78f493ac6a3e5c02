/** Reports for other programs: SARIF and JUnit say what was not as claimed, and the HTML file holds its data safely. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkClaim } from '../src/tell/claim.js'
import { junitOf } from '../src/tell/formats/junit.js'
import { sarifOf } from '../src/tell/formats/sarif.js'
import { htmlOf } from '../src/tell/html/report.js'
import { instanceOf, loadProtocol } from '../src/tell/protocol.js'
import { settled, type Settled } from '../src/tell/settled.js'

/** The claim of S16, and the same with the opposite claimed. */
async function claims(): Promise<readonly [met: Settled, unmet: Settled]> {
  const protocol = await loadProtocol('xen-domain-freeze')
  const instance = instanceOf(protocol, 'S16')
  const hopeful = Object.fromEntries(Object.keys(instance.expect).map((name) => [name, 'holds'] as const))
  return [
    settled(await checkClaim(protocol, instance), true),
    settled(await checkClaim(protocol, { ...instance, id: 'hopeful <&>', expect: hopeful }), true),
  ]
}

const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } }
const location = {
  type: 'object',
  additionalProperties: false,
  properties: {
    physicalLocation: {
      type: 'object',
      required: ['artifactLocation'],
      additionalProperties: false,
      properties: {
        artifactLocation: {
          type: 'object',
          additionalProperties: false,
          properties: { uri: { type: 'string', format: 'uri-reference' }, uriBaseId: { type: 'string' } },
        },
      },
    },
    logicalLocations: {
      type: 'array',
      uniqueItems: true,
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { fullyQualifiedName: { type: 'string' }, kind: { type: 'string' } },
      },
    },
    message: text,
  },
}

/** The part of SARIF 2.1.0 that is written, as OASIS's schema has it, closed to everything else. */
const sarifSchema = {
  type: 'object',
  required: ['version', 'runs'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tool'],
        additionalProperties: false,
        properties: {
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name'],
                additionalProperties: false,
                properties: {
                  name: { type: 'string' },
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id'],
                      additionalProperties: false,
                      properties: { id: { type: 'string' }, shortDescription: text },
                    },
                  },
                },
              },
            },
          },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          originalUriBaseIds: { type: 'object' },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['message'],
              additionalProperties: false,
              properties: {
                ruleId: { type: 'string' },
                ruleIndex: { type: 'integer', minimum: -1 },
                level: { enum: ['none', 'note', 'warning', 'error'] },
                message: text,
                locations: { type: 'array', items: location },
                partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
                codeFlows: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['threadFlows'],
                    additionalProperties: false,
                    properties: {
                      threadFlows: {
                        type: 'array',
                        minItems: 1,
                        items: {
                          type: 'object',
                          required: ['locations'],
                          additionalProperties: false,
                          properties: {
                            locations: {
                              type: 'array',
                              minItems: 1,
                              items: {
                                type: 'object',
                                additionalProperties: false,
                                properties: { executionOrder: { type: 'integer', minimum: -1 }, location },
                              },
                            },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
}

/** What of a log the test reads. */
interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly message: { readonly text: string }
        readonly codeFlows: readonly [{ readonly threadFlows: readonly [{ readonly locations: readonly unknown[] }] }]
      }[]
    },
  ]
}

describe('SARIF', () => {
  it('has a result with its run for every claim that is not met, and none for those that are', async () => {
    const [met, unmet] = await claims()
    const ajv = new Ajv2020({
      strict: true,
      formats: { 'uri-reference': (uri: string) => URL.canParse(uri, 'file:///') },
    })
    const validate = ajv.compile(sarifSchema)
    const log = sarifOf([met, unmet]) as Log
    assert.ok(validate(log), JSON.stringify(validate.errors))
    const [{ tool, results }] = log.runs
    const violated = unmet.verdicts.filter(({ verdict }) => verdict === 'violated')
    assert.deepEqual(
      results.map(({ ruleId }) => ruleId),
      violated.map(({ property }) => `xen-domain-freeze/${property}`),
    )
    for (const [i, { ruleId, ruleIndex, message, codeFlows }] of results.entries()) {
      assert.equal(tool.driver.rules[ruleIndex]!.id, ruleId)
      assert.match(message.text, /expected holds.*Required: .*Replay: thawproof trace xen-domain-freeze\/hopeful/)
      assert.equal(codeFlows[0].threadFlows[0].locations.length, violated[i]!.traceLength)
    }
    assert.deepEqual((sarifOf([met]) as Log).runs[0].results, [])
  })
})

describe('JUnit XML', () => {
  it('has a case for every property, and a failure for every claim that is not met', async () => {
    const [met, unmet] = await claims()
    const xml = junitOf([met, unmet])
    const violated = unmet.verdicts.filter(({ verdict }) => verdict === 'violated').length
    assert.equal(xml.match(/<testcase /g)!.length, 2 * (met.verdicts.length + 1))
    assert.equal(xml.match(/<failure /g)!.length, violated)
    assert.match(xml, new RegExp(`tests="${met.verdicts.length + 1}" failures="0" errors="0"`))
    assert.match(xml, new RegExp(`failures="${violated}" errors="0"`))
    assert.match(xml, /name="xen-domain-freeze\/hopeful &lt;&amp;&gt;"/)
  })

  it('tells what was not decided from what failed', async () => {
    const protocol = await loadProtocol('xen-domain-freeze')
    const cut = settled(await checkClaim(protocol, instanceOf(protocol, 'S16'), { maxStates: 3 }))
    assert.doesNotMatch(junitOf([cut]), /<failure/)
    assert.match(junitOf([cut]), /<error message="never-negative is unknown, expected violated/)
  })
})

describe('the HTML file', () => {
  it('cannot be ended by its data', async () => {
    const [, unmet] = await claims()
    const html = htmlOf([{ ...unmet, differences: ['</script><script>$&'] }], { 'xen-domain-freeze': '?' })
    assert.equal(html.match(/<\/script>/g)!.length, 2)
    assert.ok(html.includes('\\u003c/script>\\u003cscript>$&'))
  })

  it('is written beside SARIF and JUnit by check, the same bytes every time', function () {
    this.timeout(60_000)
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-reports-'))
    const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
    const written = (name: string): readonly string[] => {
      const files = ['html', 'sarif', 'junit'].map((kind) => join(folder, `${name}.${kind}`))
      const args = ['check', 'grant-revoke', '--html', files[0]!, '--sarif', files[1]!, '--junit', files[2]!]
      const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' })
      assert.equal(status, 0, stderr)
      return files.map((file) => readFileSync(file, 'utf8'))
    }
    try {
      const first = written('a')
      assert.deepEqual(written('b'), first)
      assert.match(first[0]!, /^<!doctype html>/)
      assert.match(first[2]!, /^<\?xml /)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
