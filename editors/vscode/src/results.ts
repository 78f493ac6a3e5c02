/** What a check has found, read from what it writes for programs: JUnit for claims and their places, JSON for steps that were never taken. */

/** One claim: a property of an instance, and why it is not as claimed, if it is not. */
export interface Claim {
  readonly instance: string
  readonly property: string
  /** Relative to where the program ran; lines from 1. */
  readonly place?: { readonly file: string; readonly line: number }
  readonly wrong?: { readonly kind: 'failure' | 'error'; readonly message: string; readonly requirement: string }
}

/** A check of one file. */
export interface Results {
  readonly claims: readonly Claim[]
  /** Steps that no instance takes. */
  readonly untaken: readonly string[]
}

/** Reads both documents. */
export function resultsOf(junit: string, json: string): Results {
  const claims = [...junit.matchAll(/<testcase ([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g)].map(([, head, body]) =>
    claimOf(head!, body ?? ''),
  )
  return { claims, untaken: untakenIn(json) }
}

function claimOf(head: string, body: string): Claim {
  const file = attribute(head, 'file')
  const found = /<(failure|error) message="([^"]*)"(?:\/>|>([^]*?)<\/\1>)/.exec(body)
  return {
    instance: attribute(head, 'classname') ?? '',
    property: attribute(head, 'name') ?? '',
    ...(file !== undefined && { place: { file, line: Number(attribute(head, 'line')) } }),
    ...(found && {
      wrong: { kind: found[1] as 'failure' | 'error', message: plain(found[2]!), requirement: plain(found[3] ?? '') },
    }),
  }
}

function attribute(head: string, name: string): string | undefined {
  const found = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(head)
  return found ? plain(found[1]!) : undefined
}

const signs: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

const plain = (xml: string): string => xml.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => signs[name]!)

/** Steps that are untaken in every instance: what one takes is covered. */
function untakenIn(json: string): readonly string[] {
  const { instances } = JSON.parse(json) as { readonly instances: readonly { readonly unfired: readonly string[] }[] }
  const [first, ...others] = instances.map(({ unfired }) => unfired)
  return (first ?? []).filter((step) => others.every((unfired) => unfired.includes(step)))
}
