/** The state of the page: which variant and run are looked at, what was asked, and what can be done about it. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { endOf } from '../../../search/run.js'
import * as branching from '../branches.js'
import { debtsOf, type Debt } from '../debts.js'
import { addressIn, fragmentOf, readRun } from '../permalink.js'
import { wishText } from '../question.js'
import { firstSteps, follow, movedTo, scheduleOf, type Schedule } from '../schedule.js'
import type { Bounds } from '../shortest.js'
import { brokenBy, truthOf, type TruthLine } from '../truth.js'
import type { Variant } from '../subject.js'
import type { Ready, Variants } from '../variants.js'
import { ask, giveUp } from './asking.js'
import { reasonText } from './reason.js'
import type { Acts, Asking, View } from './view.js'
import { planNumber, systemIn } from './worker.js'

/** How far a question is looked into; asked again, tenfold as far: states are objects here, and some hundred thousand fill a page. */
const boundsOf = (further: number): Bounds => ({ states: 30_000 * 10 ** further, seconds: 20 * 10 ** further })

/** Everything that the parts of the page are made of. */
export interface Exploration {
  readonly view: View
  readonly lines: readonly TruthLine[]
  readonly debts: readonly (readonly Debt[])[]
  /** For each state, the properties that it breaks first; empty if it breaks none. */
  readonly breaks: readonly string[]
  /** A sentence about what was done last. */
  readonly says: string
}

/** Where the page begins, or is sent. */
interface Beginning {
  readonly variant: string
  readonly branches: branching.Branches
  readonly says: string
}

/** The variant and the run that the address tells, or the first ones and why not those. */
function addressed(variants: Variants): Beginning {
  const { subject } = variants
  const address = addressIn(location.hash, subject.protocol)
  const start = branching.beginning({ initial: 0, names: [] })
  const first = { variant: subject.variants[subject.chosen]!.id, branches: start, says: '' }
  if (!address) return first
  const says = 'The run of the address does not fit this model: it was made with another version, or variant.'
  const { variant } = address
  if (variants.named(variant).id !== variant) return { ...first, says }
  try {
    const schedule = readRun(variants.ready(variant).system, address.run)
    if (schedule) return { variant, branches: branching.beginning(schedule, address.step), says: '' }
    return { variant, branches: start, says }
  } catch (error) {
    // Patches that do not go together.
    if ((error as Error).name !== 'Mistake') throw error
    return { ...first, says: (error as Error).message }
  }
}

/** In how many patches and parameters two variants differ. */
function distance(a: Variant, b: Variant): number {
  const patches = a.patches.filter((one) => !b.patches.includes(one)).length
  const others = b.patches.filter((one) => !a.patches.includes(one)).length
  const names = new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)])
  return patches + others + [...names].filter((name) => a.parameters[name] !== b.parameters[name]).length
}

/** The variant to look at beside: the fixed form of the same, or the one that differs in the least. */
function otherThan(variants: Variants, id: string): string {
  const all = variants.subject.variants.filter((one) => one.id !== id)
  const base = id.replace(/ [+-]\S+$/, '')
  if (base !== id) return base
  const own = variants.named(id)
  const nearest = all.toSorted((a, b) => distance(own, a) - distance(own, b))[0]
  return (all.find((one) => one.id === `${id}-fixed`) ?? nearest)?.id ?? id
}

const breaksIn = (lines: readonly TruthLine[], states: number): readonly string[] =>
  Array.from({ length: states }, (_, i) =>
    brokenBy(lines, i)
      .map(({ name }) => name)
      .join(', '),
  )

/** What is derived of a variant and a position. */
function useRun(ready: Ready, { now, plan }: branching.Branch): Pick<View, 'run' | 'here' | 'stuck'> {
  const system = systemIn(ready, planNumber(ready, plan))
  const known = useRef<ReturnType<typeof follow> | undefined>(undefined)
  const { run, stuck } = useMemo(
    () => (known.current = follow(system, now.schedule, known.current?.run)),
    [system, now.schedule],
  )
  const here = useMemo(() => firstSteps(run, Math.min(now.step, run.steps.length)), [run, now.step])
  return { run, here, stuck }
}

/** The state of the page. */
export function useExploration(variants: Variants): Exploration {
  const first = useMemo(() => addressed(variants), [variants])
  const [variant, setVariant] = useState(first.variant)
  const [branches, setBranches] = useState(first.branches)
  const [pinned, setPinned] = useState<View['pinned']>(null)
  const [beside, setBeside] = useState(() => otherThan(variants, first.variant))
  const [asking, setAsking] = useState<Asking | null>(null)
  const [says, say] = useState(first.says)
  const ready = variants.ready(variant)
  const branch = branching.currentOf(branches)
  const { plan } = branch
  const { run, here, stuck } = useRun(ready, branch)
  const lines = useMemo(
    () => truthOf({ base: ready.system, run, ...(plan && { plan }) }, ready.properties),
    [ready, run, plan],
  )
  const debts = useMemo(() => debtsOf(run), [run])
  const breaks = useMemo(() => breaksIn(lines, run.steps.length + 1), [lines, run])

  const change = (next: branching.Branches, text = ''): void => {
    if (asking && (asking.told === null || asking.told.kind === 'progress')) giveUp()
    setBranches(next)
    setAsking(null)
    say(text)
  }
  const begin = (id: string, next: branching.Branches, text = ''): void => {
    setVariant(id)
    setBeside(otherThan(variants, id))
    change(next, text)
  }
  const acts = actsOn({ variants, ready, branches, run, here }, { change, setBranches, setAsking, say })
  const act: Acts = {
    ...acts,
    open: (schedule, step, id = variant) =>
      id === variant ? acts.open(schedule, step) : begin(id, branching.beginning(schedule, step)),
    choose: (id) => begin(id, branching.beginning(branch.now.schedule, branch.now.step)),
    pin: () => setPinned(pinned ? null : { says: `${variant}, ${placeOf(here.steps.length)}`, state: endOf(here) }),
    setBeside,
    say,
  }
  useAddress({ variants, variant, run, here, plan: plan !== undefined }, begin)
  const view: View = { variants, ready, branches, run, here, stuck, pinned, beside, asking, act }
  return { view, lines, debts, breaks, says }
}

const placeOf = (step: number): string => (step === 0 ? 'start' : `step ${step}`)

/** Keeps the address up to date, and follows it. */
function useAddress(
  { variants, variant, run, here, plan }: Pick<View, 'variants' | 'run' | 'here'> & { variant: string; plan: boolean },
  begin: (variant: string, branches: branching.Branches, says: string) => void,
): void {
  useEffect(() => {
    // What is cancelled from outside is no step of the model, and has no number among its choices.
    if (!plan) history.replaceState(null, '', fragmentOf(variants.subject.protocol, variant, run, here.steps.length))
  }, [variant, run, here, plan])
  const latest = useRef(begin)
  latest.current = begin
  useEffect(() => {
    const read = (): void => {
      const next = addressed(variants)
      latest.current(next.variant, next.branches, next.says)
    }
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [variants])
}

/** How the state is changed. */
interface Setters {
  readonly change: (next: branching.Branches, says?: string) => void
  readonly setBranches: (next: (before: branching.Branches) => branching.Branches) => void
  readonly setAsking: (asking: Asking | null) => void
  readonly say: (text: string) => void
}

/** What can be done with the run that is looked at. */
function actsOn(
  { variants, ready, branches, run, here }: Pick<View, 'variants' | 'ready' | 'branches' | 'run' | 'here'>,
  { change, setBranches, setAsking, say }: Setters,
): Omit<Acts, 'choose' | 'pin' | 'setBeside' | 'say'> {
  const { system } = run
  const { now, plan } = branching.currentOf(branches)
  /** Changes to a schedule that can be taken; else says why it cannot. */
  const tried = (schedule: Schedule, next: () => branching.Branches, done = ''): void => {
    const { stuck } = follow(system, schedule, run)
    if (!stuck) return change(next(), done)
    say(`Not possible: step ${stuck.at + 1}, ${stuck.name}: ${reasonText(stuck.reason)}`)
  }
  const behind = (names: readonly string[]): Schedule => ({
    initial: run.initial,
    names: [...scheduleOf(here).names, ...names],
  })
  return {
    take: (names) => tried(behind(names), () => branching.taken(branches, names)),
    goTo: (step) => setBranches((before) => branching.shownAt(before, Math.min(step, run.steps.length))),
    move: (from, to) =>
      tried(
        movedTo(now.schedule, from, to),
        () => branching.moved(branches, from, to),
        `step ${from + 1} is now step ${to + 1}`,
      ),
    open: (schedule, step) => change(branching.added(branches, schedule, step, plan)),
    fork: () => change(branching.added(branches, scheduleOf(here), here.steps.length, plan), 'a run of its own'),
    shorten: () => change(branching.shortened(branches)),
    undo: () => change(branching.undone(branches)),
    redo: () => change(branching.redone(branches)),
    select: (id) => change(branching.selected(branches, id)),
    close: () => change(branching.closed(branches)),
    cancel: (number, name) => {
      const chosen = [...ready.cancels.keys()][number]!
      const schedule = behind([name])
      change(branching.added(branches, schedule, schedule.names.length, chosen), `cancelled: ${chosen.what}`)
    },
    ask: (wish, takes, further = 0) => {
      const bounds = boundsOf(further)
      setAsking({ wish, takes, further, told: null })
      const of = { kind: 'way', wish } as const
      const asked = { subject: variants.subject, variant: ready.variant.id, plan: planNumber(ready, plan), bounds, of }
      ask({ ...asked, schedule: scheduleOf(here) }, (told) => {
        setAsking({ wish, takes, further, told })
        if (!takes || told.kind !== 'way' || told.way.kind !== 'found') return
        const { names } = told.way
        setBranches((before) => branching.taken(before, names))
        say(names.length === 0 ? `here already: ${wishText(wish)}` : `${names.length} steps until ${wishText(wish)}`)
      })
    },
    giveUp: () => {
      giveUp()
      setAsking(null)
    },
  }
}
