/** What `check` prints: as it goes on and at its end, for people or as one document for programs. */

import type { Declared } from '../tell/declared.js'
import { claimLines, isRemarkable, legend, protocolLine, signOf, summaryLines } from '../tell/claim-text.js'
import { annotationsOf } from '../tell/formats/annotations.js'
import { junitOf } from '../tell/formats/junit.js'
import { sarifOf } from '../tell/formats/sarif.js'
import { lanesOf } from '../tell/lanes.js'
import { toldPlace } from '../tell/place.js'
import { reportOf } from '../tell/report.js'
import type { Settled } from '../tell/claim-result.js'
import { paint, wrapped } from '../tell/text.js'
import type { Job } from './pool.js'

/** What can be printed. */
export const reporterNames = ['lines', 'dot', 'github', 'json', 'junit', 'sarif'] as const
export type ReporterName = (typeof reporterNames)[number]

/** What is known of claims beside what was found. */
export interface Beside {
  /** How long the search of a claim took; undefined if an earlier one was recalled. */
  readonly seconds: (claim: Settled) => number | undefined
  readonly declared: (claim: Settled) => Declared
}

/** Prints what a check finds. */
export interface Reporter {
  /** Before the first claim is looked at, and after each. */
  readonly next: (claims: readonly Settled[]) => void
  /** The rest, when all have been looked at, or no more will be. */
  readonly closing: (claims: readonly Settled[]) => string
}

/** How claims are printed for people. */
export interface Manner {
  readonly verbose: boolean
  /** Of the terminal. */
  readonly columns: number
  readonly print: (text: string) => void
  /** Whether times are told: they differ from run to run. */
  readonly timed: boolean
}

/** The reporter of that name, for these jobs. */
export function reporterOf(name: ReporterName, jobs: readonly Job[], beside: Beside, manner: Manner): Reporter {
  switch (name) {
    case 'lines':
      return new Lines(jobs, beside, manner)
    case 'dot':
      return new Dots(jobs, manner)
    case 'github': {
      const lines = new Lines(jobs, beside, manner)
      const noted = (claims: readonly Settled[]): string =>
        annotationsOf(claims, beside.declared)
          .map((line) => `${line}\n`)
          .join('')
      return { next: (claims) => lines.next(claims), closing: (claims) => noted(claims) + lines.closing(claims) }
    }
    case 'json':
      return document((claims) => `${JSON.stringify(reportOf(claims, jobs.length), null, 2)}\n`)
    case 'junit':
      return document((claims) => junitText(claims, beside))
    case 'sarif':
      return document((claims) => sarifText(claims, beside))
  }
}

const document = (closing: Reporter['closing']): Reporter => ({ next: () => undefined, closing })

/** A JUnit document of claims. */
export const junitText = (claims: readonly Settled[], { seconds, declared }: Beside): string =>
  junitOf(claims, (claim) => ({ seconds: seconds(claim), declared: declared(claim) }))

/** A SARIF document of claims. */
export const sarifText = (claims: readonly Settled[], { declared }: Beside): string =>
  `${JSON.stringify(sarifOf(claims, declared), null, 2)}\n`

/** All of a claim: and of a model at fault, the run that leads there. */
function whole(claim: Settled, { verbose, columns }: Manner): readonly string[] {
  const lines = claimLines(claim, columns, verbose)
  if (!claim.fault || claim.differences.length === 0) return lines
  return [...lines, lanesOf(claim.fault.trace, { columns }), ...claim.fault.at.map(toldPlace)]
}

/** A line per protocol, and all of whatever is not as claimed, at once; all of a claim where a protocol has but one, or all is wanted. */
class Lines implements Reporter {
  private readonly width: number
  private readonly bugs: boolean
  private headed = ''

  constructor(
    private readonly jobs: readonly Job[],
    private readonly beside: Beside,
    private readonly manner: Manner,
  ) {
    this.width = Math.max(...jobs.map(({ protocol }) => protocol.name.length))
    this.bugs = jobs.some(({ instance }) => instance.form === 'buggy')
    if (jobs.length > 0) manner.print(`${legend()}\n`)
  }

  next(claims: readonly Settled[]): void {
    const { jobs, manner } = this
    if (claims.length > 0) {
      const last = jobs[claims.length - 1]!
      const claim = claims.at(-1)!
      const own = claims.filter((_, i) => isAlike(jobs[i]!, last))
      const all = this.allLike(last)
      if (manner.verbose || all === 1 || isRemarkable(claim)) {
        this.head(last)
        for (const line of whole(claim, manner)) manner.print(`${line}\n`)
      }
      if (own.length === all && all > 1 && !manner.verbose) this.line(last, own)
    }
    const next = jobs[claims.length]
    // What is being searched is announced where nothing else will be printed before it is done.
    if (next && (manner.verbose || this.allLike(next) === 1)) this.head(next)
  }

  private readonly allLike = (job: Job): number => this.jobs.filter((one) => isAlike(one, job)).length

  private line({ protocol }: Job, own: readonly Settled[]): void {
    const took = this.manner.timed ? { took: tookOf(own.map(this.beside.seconds)) } : {}
    const { question } = protocol.model.declared
    this.manner.print(
      `${protocolLine(own, this.manner.columns, { name: protocol.name, question, width: this.width, bugs: this.bugs, ...took })}\n`,
    )
  }

  /** The headline of a protocol, before the first of its claims. */
  private head({ protocol: { name, address, model } }: Job): void {
    if (this.headed === address) return
    this.headed = address
    const [first, ...rest] = wrapped(`${name}  ${model.declared.question}`, this.manner.columns, '  ')
    const lines = [
      paint('bold', name) + paint('dim', first!.slice(name.length)),
      ...rest.map((line) => paint('dim', line)),
    ]
    this.manner.print(`${lines.join('\n')}\n`)
  }

  closing(claims: readonly Settled[]): string {
    const next = this.jobs[claims.length]
    const own = next ? claims.filter((_, i) => isAlike(this.jobs[i]!, next)) : []
    // Of a protocol that was interrupted, what there is.
    if (next && own.length > 0 && !this.manner.verbose) this.line(next, own)
    return `${summaryLines(claims, this.manner.columns, this.jobs.length).join('\n')}\n`
  }
}

const isAlike = (one: Job, other: Job): boolean => one.protocol.address === other.protocol.address

/** `0.3 s`, `recalled` */
function tookOf(seconds: readonly (number | undefined)[]): string {
  const known = seconds.filter((one) => one !== undefined)
  return known.length === 0 ? 'recalled' : `${known.reduce((sum, one) => sum + one, 0).toFixed(1)} s`
}

/** A sign for each claim, then all of those that are not as claimed. */
class Dots implements Reporter {
  private column = 0

  constructor(
    private readonly jobs: readonly Job[],
    private readonly manner: Manner,
  ) {
    if (jobs.length > 0) manner.print(`${legend('.')}\n`)
  }

  next(claims: readonly Settled[]): void {
    const last = claims.at(-1)
    if (!last) return
    const isFull = ++this.column === this.manner.columns - 1
    this.manner.print(signOf(last, '.') + (isFull ? '\n' : ''))
    if (isFull) this.column = 0
  }

  closing(claims: readonly Settled[]): string {
    const told = claims
      .filter(isRemarkable)
      .flatMap((claim) => [paint('bold', claim.protocol), ...whole(claim, this.manner)])
    return `${this.column === 0 ? '' : '\n'}${[...told, ...summaryLines(claims, this.manner.columns, this.jobs.length)].join('\n')}\n`
  }
}
