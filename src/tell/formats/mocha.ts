/** A run as a test for mocha: it can be taken, and leads where it did. */

import type { Standing } from '../../write/model.js'

/** What is tested. */
export interface TestedRun {
  readonly title: string
  readonly protocol: string
  /** What to type to mean the protocol: a file of one's own is imported as it is. */
  readonly address: string
  /** Parameters, patches, and fairness if there is any. */
  readonly choice: object
  readonly initial: number
  readonly names: readonly string[]
  /** Where each thread stands at its end. */
  readonly at: Standing
}

/** The test as a file of its own. */
export const mochaTest = ({ title, protocol, address, choice, initial, names, at }: TestedRun): string =>
  [
    `import assert from 'node:assert/strict'`,
    `import { instantiate } from 'thawproof'`,
    `import { replay } from 'thawproof/walk'`,
    `// where the model of ${protocol} is`,
    `import model from ${JSON.stringify(address.endsWith('.ts') ? address : `./${protocol}.ts`)}`,
    '',
    `it(${JSON.stringify(title)}, () => {`,
    `  const system = instantiate(model, ${JSON.stringify(choice)})`,
    `  const { run, stuck } = replay(system, ${initial}, [`,
    ...names.map((name) => `    ${JSON.stringify(name)},`),
    '  ])',
    '  assert.equal(stuck, undefined)',
    `  assert.equal(run.steps.length, ${names.length})`,
    `  assert.deepEqual(run.steps.at(-1)?.after.at ?? run.start.at, ${JSON.stringify(at)})`,
    '})',
    '',
  ].join('\n')
