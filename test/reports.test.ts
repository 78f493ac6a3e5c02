/** Reports for other programs: SARIF and JUnit say what was not as claimed, and the HTML file holds its data safely. */

import { Ajv, type ValidateFunction } from 'ajv'
import { validateXML } from 'xmllint-wasm'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkClaim } from '../src/tell/claim.js'
import { declaredBy, type Declared } from '../src/tell/declared.js'
import { annotationsOf } from '../src/tell/formats/annotations.js'
import { junitOf } from '../src/tell/formats/junit.js'
import { sarifOf } from '../src/tell/formats/sarif.js'
import { htmlOf } from '../src/tell/html/report.js'
import { instanceOf, loadProtocol } from '../src/tell/protocol.js'
import { settled, tracesOf, type Settled } from '../src/tell/claim-result.js'

/** The claim of S16, and the same with the opposite claimed. */
async function claims(): Promise<readonly [met: Settled, unmet: Settled]> {
  const protocol = await loadProtocol('xen-domain-freeze')
  const instance = instanceOf(protocol, 'S16')
  const claim = await checkClaim(protocol, instance)
  const other = await checkClaim(protocol, { ...instance, id: 'hopeful <&>', expect: {} })
  return [settled(claim, await tracesOf(claim)), settled(other, await tracesOf(other))]
}

/** The official JSON Schema of SARIF 2.1.0, as Microsoft's package for testing SARIF ships it; draft 4 but for its `id`. */
function sarifSchema(): ValidateFunction {
  const file = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
  const { id, $schema, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  void [id, $schema]
  const formats = {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': (text: string) => URL.canParse(text, 'file:///'),
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  }
  return new Ajv({ strict: false, unicodeRegExp: false, formats }).compile(schema)
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
        readonly locations: readonly [
          {
            readonly physicalLocation?: { readonly artifactLocation: { readonly uri: string } }
            readonly logicalLocations: readonly { readonly fullyQualifiedName: string }[]
          },
        ]
        readonly codeFlows: readonly [{ readonly threadFlows: readonly [{ readonly locations: readonly unknown[] }] }]
      }[]
    },
  ]
}

describe('SARIF', () => {
  it('has a result with its run for every claim that is not met, and none for those that are', async () => {
    const [met, unmet] = await claims()
    const validate = sarifSchema()
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
      assert.match(
        message.text,
        /claimed to hold, found violated.*Required: .*Replay: thawproof trace xen-domain-freeze .*-p secondBuilder=true/,
      )
      assert.equal(codeFlows[0].threadFlows[0].locations.length, violated[i]!.traceLength)
    }
    assert.deepEqual((sarifOf([met]) as Log).runs[0].results, [])
    const { locations, ...nowhere } = { ...results[0]!, level: 'grave' }
    void locations
    assert.equal(validate({ ...log, runs: [{ ...log.runs[0], results: [nowhere] }] }), false)
  })

  it('points at the step of the model and at the function and file that it abstracts', async () => {
    const [, unmet] = await claims()
    const { results } = (sarifOf([unmet]) as Log).runs[0]
    const traces = unmet.traces!.map(({ steps }) => steps.at(-1)!)
    assert.ok(traces.some(({ origin }) => origin.kind === 'source'))
    for (const [i, { name, origin }] of traces.entries()) {
      const [{ logicalLocations, physicalLocation }] = results[i]!.locations
      const names = logicalLocations.map(({ fullyQualifiedName }) => fullyQualifiedName)
      assert.deepEqual(names, origin.kind === 'source' ? [name, origin.symbol] : [name])
      assert.equal(physicalLocation?.artifactLocation.uri, origin.kind === 'source' ? origin.file : undefined)
    }
  })
})

/**
 * What Jenkins' junit-10.xsd (github.com/jenkinsci/xunit-plugin, commit 031e285ef3b6) admits of the elements that are written, in its order
 * and with what it requires; narrower where it takes any text for a number.
 */
const junitSchema = `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="wrong">
    <xs:simpleContent>
      <xs:extension base="xs:string">
        <xs:attribute name="message" type="xs:string" use="required"/>
      </xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:element name="testsuites">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="testsuite" minOccurs="0" maxOccurs="unbounded">
          <xs:complexType>
            <xs:sequence>
              <xs:element name="testcase" maxOccurs="unbounded">
                <xs:complexType>
                  <xs:choice minOccurs="0">
                    <xs:element name="failure" type="wrong"/>
                    <xs:element name="error" type="wrong"/>
                  </xs:choice>
                  <xs:attribute name="classname" type="xs:string" use="required"/>
                  <xs:attribute name="name" type="xs:string" use="required"/>
                  <xs:attribute name="time" type="xs:decimal"/>
                  <xs:attribute name="file" type="xs:string"/>
                  <xs:attribute name="line" type="xs:positiveInteger"/>
                </xs:complexType>
              </xs:element>
            </xs:sequence>
            <xs:attribute name="name" type="xs:string" use="required"/>
            <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
            <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
            <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
            <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
            <xs:attribute name="time" type="xs:decimal"/>
          </xs:complexType>
        </xs:element>
      </xs:sequence>
      <xs:attribute name="name" type="xs:string"/>
    </xs:complexType>
  </xs:element>
</xs:schema>`

/** What libxml2 has to say against a document. */
const lint = async (xml: string): Promise<readonly string[]> =>
  (await validateXML({ xml: { fileName: 'junit.xml', contents: xml }, schema: junitSchema })).errors.map(
    ({ message }) => message,
  )

describe('scenarios in documents for other programs', () => {
  it('have a case each, and a result and an annotation at their place in the spec where they are not as they must be', async () => {
    const protocol = await loadProtocol('xen-domain-freeze')
    const [scenario] = protocol.spec.scenarios!
    const instance = instanceOf(protocol, scenario!.instance)
    const other = { ...protocol, spec: { ...protocol.spec, scenarios: [{ ...scenario!, is: 'impossible' as const }] } }
    const [met, unmet] = await Promise.all(
      [protocol, other].map(async (one) => settled(await checkClaim(one, instance), [])),
    )
    const { name, says } = scenario!
    const { length } = scenario!.steps!
    const cases = junitOf([met!], () => ({ declared: declaredBy(protocol, instance) }))
    assert.match(cases, new RegExp(`name="scenario ${name}" file="[^"]*xen-domain-freeze\\.json" line="\\d+"/>`))
    assert.match(cases, /failures="0" errors="0"/)
    const wrong = `scenario ${name}: claimed impossible, found possible in ${length} steps`
    const xml = junitOf([unmet!])
    assert.match(xml, /failures="1" errors="0"/)
    assert.ok(
      xml.includes(`<failure message="${wrong}">${says}\nreplay: thawproof run xen-domain-freeze --scenario ${name}<`),
      xml,
    )
    const declared = (): Declared => declaredBy(other, instance)
    const { results } = (sarifOf([unmet!], declared) as Log).runs[0]
    assert.deepEqual(
      results.map(({ ruleId, message }) => [ruleId, message.text]),
      [
        [
          `xen-domain-freeze/${name}`,
          `xen-domain-freeze/${instance.id}: ${wrong}. Scenario: ${says} Replay: thawproof run xen-domain-freeze --scenario ${name}`,
        ],
      ],
    )
    assert.match(results[0]!.locations[0].physicalLocation!.artifactLocation.uri, /xen-domain-freeze\.json$/)
    assert.equal(results[0]!.codeFlows[0].threadFlows[0].locations.length, length)
    assert.match(
      annotationsOf([unmet!], declared).join('\n'),
      /^::error file=.*xen-domain-freeze\.json,line=\d+.*claimed impossible/,
    )
    assert.deepEqual((sarifOf([met!]) as Log).runs[0].results, [])
  })
})

describe('JUnit XML', () => {
  it('is valid for libxml2, whatever was found', async () => {
    const [met, unmet] = await claims()
    const cut = { ...met, differences: ['never-negative: claimed violated, found unknown', 'states: 3, recorded 167'] }
    const strange = {
      ...unmet,
      differences: ['no-deadlock: claimed to hold, found violated "<&>" \u0001 \u{1F4A5} \uD800'],
    }
    for (const some of [[], [met], [met, unmet, cut, strange]]) assert.deepEqual(await lint(junitOf(some)), [])
    const xml = junitOf([unmet])
    assert.match((await lint(xml.replace(' tests="', ' test="'))).join(), /'test' is not allowed/)
    assert.notDeepEqual(await lint(xml.replace('</testsuite>', '')), [])
  })

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
    assert.match(junitOf([cut]), /<error message="never-negative: claimed violated in \d+ steps, found unknown/)
  })
})

describe('the HTML file', () => {
  it('cannot be ended by its data', async () => {
    const [, unmet] = await claims()
    const html = htmlOf([{ ...unmet, differences: ['</script><script>$&'] }], { 'xen-domain-freeze': '?' })
    assert.equal(html.match(/<\/script>/g)!.length, 2)
    assert.ok(html.includes('\\u003c/script>\\u003cscript>$&'))
  })

  it('is written beside SARIF and JUnit by check, the same bytes whether it was searched or is recalled', function () {
    this.timeout(60_000)
    const folder = mkdtempSync(join(tmpdir(), 'thawproof-reports-'))
    const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
    const written = (name: string): readonly string[] => {
      const files = ['html', 'sarif', 'junit'].map((kind) => join(folder, `${name}.${kind}`))
      const args = ['check', 'grant-revoke', '--html', files[0]!, '--sarif', files[1]!, '--junit', files[2]!]
      const env = { ...process.env, XDG_CACHE_HOME: folder }
      const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env })
      assert.equal(status, 0, stderr)
      // How long it took is not the same every time, and not told of what is recalled.
      return files.map((file) => readFileSync(file, 'utf8').replace(/ time="\d+\.\d+"/g, ''))
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
