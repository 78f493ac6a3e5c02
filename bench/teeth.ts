/**
 * How many planted errors the properties of each shipped protocol notice: `teeth.ts [SECONDS] [PROTOCOL…]`, on the first
 * instance in which every property holds. Prints Markdown: a score per protocol, and every survivor by name.
 */

import { teeth, type Fate, type Teeth } from '../src/search/variants/teeth.js'
import { loadProtocol, protocolNames, systemOf } from '../src/tell/protocol.js'
import { Mistake } from '../src/write/mistake.js'

const [seconds = '20', ...only] = process.argv.slice(2)

interface Row {
  readonly name: string
  readonly found: Teeth
}

const rows: Row[] = []
const left: string[] = []
for (const name of only.length > 0 ? only : protocolNames()) {
  const row = await scored(name)
  if (row) rows.push(row)
  else left.push(name)
}
process.stdout.write(`${page().join('\n')}\n`)

async function scored(name: string): Promise<Row | undefined> {
  const protocol = await loadProtocol(name)
  const right = protocol.spec.instances.find(({ expect }) => Object.values(expect).every((one) => one === 'holds'))
  if (!right) return undefined
  const end = performance.now() + Number(seconds) * 1000
  const signal = {
    get aborted(): boolean {
      return performance.now() > end
    },
  } as AbortSignal
  try {
    const found = await teeth(systemOf(protocol, right), protocol.properties, { signal })
    return performance.now() > end ? undefined : { name: `${name}/${right.id}`, found }
  } catch (error) {
    if (error instanceof Mistake) return undefined
    throw error
  }
}

function page(): string[] {
  const table = rows.map(({ name, found }) => {
    const of = (fate: Fate): number => found.bites.filter((bite) => bite.fate === fate).length
    const counted = of('noticed') + of('survives')
    const score = counted === 0 ? '–' : `${Math.floor((100 * of('noticed')) / counted)} %`
    return `| ${[name, found.bites.length, of('noticed'), of('survives'), of('equivalent'), of('broken'), of('unknown'), score].join(' | ')} |`
  })
  const survivors = rows.flatMap(({ name, found }) => {
    const names = found.bites
      .filter(({ fate }) => fate === 'survives')
      .map(({ mutant }) => `- \`${mutant.patch.name}\``)
    return names.length === 0 ? [] : ['', `### ${name}`, '', ...names]
  })
  return [
    '| instance | mutants | noticed | survive | equivalent | broken | unknown | score |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...table,
    ...(left.length > 0
      ? ['', `Not scored, for want of time or of an instance in which everything holds: ${left.join(', ')}.`]
      : []),
    ...(survivors.length > 0 ? ['', '## Survivors', ...survivors] : []),
  ]
}
