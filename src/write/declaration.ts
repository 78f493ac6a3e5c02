/** What an author may write: the keys of every kind of declaration, what each must be, and what each word takes. */

import { suggestion } from './mistake.js'
import { a, keyed, listOf, maybe, named, oneWay, type Want } from './want.js'

type Loose = Readonly<Record<string, unknown>>

const isObject = (given: unknown): given is Loose => typeof given === 'object' && given !== null
const ofKind =
  (...kinds: readonly string[]) =>
  (given: unknown): boolean =>
    isObject(given) && kinds.includes(given.kind as string)
const isText = (given: unknown): given is string => typeof given === 'string'
const isCode = (given: unknown): boolean => typeof given === 'function'
const isDomain = (given: unknown): boolean => isObject(given) && isObject(given.shape)

/** What makes steps where it is put. */
const isPiece = (given: unknown): boolean => isCode(given) && (given as Loose).makesSteps === true

const isNumber = (given: unknown): boolean => typeof given === 'number'

export const number = a('a number', isNumber)
export const text = a('a text', isText)
export const sentence = a('a sentence', (given) => isText(given) && given.trim() !== '')
export const flag = a('true or false', (given) => typeof given === 'boolean')
export const anything: Want = { says: 'a value', look: () => undefined }
export const code = (shape: string): Want => a('a function', isCode, shape)
const names = (...known: readonly string[]): Want => ({
  says: known.map((name) => `'${name}'`).join(' or '),
  look: (given, where) => {
    if (!isText(given)) a(`one of ${known.join(', ')}`, () => false).look(given, where)
    else if (!known.includes(given)) throw where.mistake(`'${given}' is not known`, suggestion(given, known), given)
  },
})

/** A domain: what `bool()`, `record({…})` and their like make. */
export const domain = a('a domain', isDomain, 'bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)')
/** A domain, or a function that makes one from parameters. */
export const stateDomain = a(
  'a domain, or a function that makes one from parameters',
  (given) => isDomain(given) || isCode(given),
  'write record({ … }) around the fields',
)
const model = a('a model', (given) => isObject(given) && isCode(given.shape), 'what model(…) makes')
const origin = a('an origin', ofKind('source', 'env'), `source('file.c', 'function') or env('who makes it happen')`)
const part = a(
  'a thread or an action',
  ofKind('thread', 'action'),
  'what thread(…) and action(…) make, each an item of its own',
)
export const step = a(
  'a step',
  (given) =>
    isPiece(given) || (isObject(given) && given.kind === undefined && isText(given.name) && isObject(given.declared)),
  `write step('name', { origin, … })`,
)
const edit = a(
  'an edit',
  ofKind('before', 'after', 'replace', 'remove', 'move', 'add', 'initially', 'head'),
  'edit.before, edit.after, edit.replace, edit.head, edit.remove, edit.move, edit.add, edit.initially',
)
const patch = a('a patch', (given) => isObject(given) && Array.isArray(given.edits), 'what patch(…) makes')
/** What `parts` returns. */
export const partList = listOf('a list of threads and actions', part)

/** A property, as its word makes it. */
const property = a(
  'a property',
  (given) => isObject(given) && isText(given.kind) && isText(given.name) && isText(given.says),
  'what always(…), step(…) and their like make, each an item of its own',
)

/** What a protocol exports as its properties. */
export const propertyList = listOf('a list of properties', property)

const yes = a('true', (given) => given === true, 'or leave it out')
const fair = maybe(names('weak', 'strong', 'none'))
const isScalar = (given: unknown): boolean => given === null || isArg(given)
const isArg = (given: unknown): boolean => isText(given) || typeof given === 'number' || typeof given === 'boolean'
const values = oneWay(
  'a list of values or a domain',
  (given) => Array.isArray(given),
  listOf('a list of values', a('a text, a number, true or false', isArg)),
  domain,
)
const range = maybe(named('the values of each name', values))

const branch = {
  when: maybe(code('(state, args, at) => boolean')),
  then: maybe(code('(draft, args) => void')),
  log: maybe(oneWay('a text or a function', isText, text, code('(before, args) => string'))),
  says: maybe(sentence),
  provoke: maybe(sentence),
  lastResort: maybe(yes),
  signals: maybe(text),
  origin: maybe(origin),
}
const goto = maybe(text)
/** An action has no program counter, so nothing in it goes anywhere. */
const actionKeys = {
  ...branch,
  origin,
  for: range,
  either: maybe(named('alternatives by name', keyed('an alternative', branch))),
}
const alternative = keyed('an alternative', { ...branch, goto })
const stepKeys = {
  ...actionKeys,
  goto,
  logOnEntry: maybe(sentence),
  either: maybe(named('alternatives by name', alternative)),
}
const optional = (keys: Readonly<Record<string, Want>>): Readonly<Record<string, Want>> =>
  Object.fromEntries(Object.entries(keys).map(([key, want]) => [key, maybe(want)]))

const headKeys = {
  actor: text,
  for: range,
  fair,
  while: maybe(code('(state, args, at) => boolean')),
  startsFreely: maybe(yes),
  says: maybe(sentence),
}

/** What an edit may put on a step, on an alternative of one, and on an action. */
export const replacements = {
  step: keyed('the fields to replace', optional(stepKeys)),
  alternative: keyed('the fields to replace in an alternative', { ...branch, goto }),
  action: keyed('the fields to replace in an action', optional(actionKeys)),
  head: keyed('the fields to replace in the head of a thread', optional(headKeys)),
} as const

export const steps = oneWay(
  `'thread.step' or a list of such names`,
  (given) => Array.isArray(given),
  listOf('a list of step names', text),
  a('the name of a step or a list of them', isText, `write 'thread.step'`),
)
const selector = maybe(steps)
export const predicate = code('(state, at) => boolean')
const stepPredicate = code('(before, after, step) => boolean')
const claim = (one: Want, keys: Readonly<Record<string, Want>> = {}): Want =>
  oneWay('a function or { when, holds }', isCode, one, keyed('a claim', { ...keys, when: maybe(one), holds: one }))
const memory = { state: domain, initial: anything, on: selector, next: code('(own, before, after, step) => void') }
const choice = {
  parameters: maybe(named('values by name', a('a text, a number, true or false', isArg))),
  patches: maybe(listOf('a list of names of patches', text)),
  fairness: maybe(named('fairness by name', names('weak', 'strong', 'none'))),
}
const held = { what: sentence, acquire: steps, release: steps }
const stopped = { what: sentence, suspend: steps, resume: steps }
const actor = keyed('an actor', { says: sentence, fair: names('weak', 'strong', 'none') }, `system('what it is')`)
const parameter = keyed(
  'a parameter',
  { domain, default: anything, says: sentence },
  `parameter(int(1, 4), 2, 'how many drivers')`,
)

const kinds = {
  model: keyed('a declaration', {
    question: sentence,
    parameters: maybe(named('parameters by name', parameter)),
    actors: named('actors by name', actor),
    while: maybe(named('conditions by actor', predicate)),
    initial: code('(parameters) => state'),
    parts: code('(parameters) => [thread(…), action(…)]'),
    patches: maybe(listOf('a list of patches', patch)),
    resting: maybe(code('(state, at, parameters) => boolean')),
    abstractions: maybe(listOf('a list of sentences', sentence)),
  }),
  thread: keyed('the head of a thread', headKeys, `{ actor: 'name' }`),
  action: keyed('a declaration', { ...actionKeys, actor: text, fair }),
  step: keyed('a declaration', stepKeys),
  patch: keyed('a declaration', {
    kind: names('fix', 'fault', 'era'),
    says: sentence,
    reference: maybe(sentence),
    edits: listOf('a list of edits', edit, 1),
  }),
  observer: keyed('a declaration', {
    ...memory,
    wrong: code('(own, state, at) => boolean'),
    explain: maybe(code('(own) => sentence')),
  }),
  refinement: keyed('a declaration', {
    abstract: model,
    choice: maybe(keyed('a choice', choice)),
    map: code('(state, at, remembered) => abstract state'),
    at: maybe(code('(state, at) => where the threads of the abstract model stand')),
    remember: maybe(keyed('a memory', memory)),
  }),
  cancel: keyed('a plan', {
    what: sentence,
    thread: text,
    request: text,
    commit: text,
    own: selector,
    exits: maybe(named('labels by label', steps)),
    failing: maybe(code('(draft) => void')),
    interrupts: maybe(
      named('interrupts by name', keyed('an interrupt', { when: maybe(predicate), then: code('(draft) => void') })),
    ),
    idle: predicate,
    running: predicate,
    again: maybe(predicate),
    held: maybe(listOf('a list of what is held', keyed('what is held', held))),
    stopped: maybe(listOf('a list of what is stopped', keyed('what is stopped', stopped))),
    wake: maybe(keyed('a wake-up', { pending: predicate, handled: predicate })),
  }),
  leadsTo: keyed('a claim', { from: predicate, to: predicate }),
  ltl: keyed('a claim', {
    formula: a('a formula', (given) => isText(given) || typeof given === 'boolean' || isObject(given)),
    atoms: named('predicates by name', predicate),
  }),
} as const

/** What a word takes: its arguments in order, and what may follow them in any number. */
export interface Signature {
  readonly takes: readonly (readonly [name: string, want: Want])[]
  readonly rest?: Want
}

const propertyWord = (last: string, want: Want): Signature => ({
  takes: [
    ['name', text],
    ['requirement', a('a full sentence that says what must hold', (given) => isText(given) && given.trim() !== '')],
    [last, want],
  ],
})
const declares = (want: Want): Signature => ({
  takes: [
    ['name', text],
    ['declaration', want],
  ],
})
const insertion: Signature = {
  takes: [
    ['target', text],
    ['step', step],
  ],
  rest: step,
}
const target = keyed('a place', { before: maybe(text), after: maybe(text) }, `{ after: 'thread.step' }`)

/** Every word of the vocabularies. */
export const signatures = {
  model: declares(kinds.model),
  thread: { ...declares(kinds.thread), rest: step },
  step: declares(kinds.step),
  action: declares(kinds.action),
  patch: declares(kinds.patch),
  'edit.before': insertion,
  'edit.after': insertion,
  'edit.replace': {
    takes: [
      ['target', text],
      ['fields', replacements.step],
    ],
  },
  'edit.head': {
    takes: [
      ['thread', text],
      ['fields', replacements.head],
    ],
  },
  'edit.remove': { takes: [['target', text]] },
  'edit.move': {
    takes: [
      ['target', text],
      ['destination', target],
    ],
  },
  'edit.add': { takes: [['part', part]] },
  'edit.initially': { takes: [['change', code('(draft) => void')]] },
  always: propertyWord('claim', claim(predicate)),
  stepProperty: propertyWord('claim', claim(stepPredicate, { on: selector })),
  reachable: propertyWord('claim', predicate),
  possible: propertyWord('claim', claim(predicate)),
  eventually: propertyWord('claim', predicate),
  alwaysEventually: propertyWord('claim', predicate),
  eventuallyAlways: propertyWord('claim', predicate),
  leadsTo: propertyWord('claim', kinds.leadsTo),
  observer: propertyWord('declaration', kinds.observer),
  refines: propertyWord('claim', kinds.refinement),
  ltl: propertyWord('claim', kinds.ltl),
  cancel: {
    takes: [
      ['name', text],
      ['plan', kinds.cancel],
    ],
  },
  call: { takes: [['function', origin]], rest: step },
  returnIf: {
    takes: [
      ['name', text],
      ['condition', code('(state, args, at) => boolean')],
    ],
  },
  does: {
    takes: [
      ['name', text],
      ['declaration', maybe(keyed('a declaration', { ...stepKeys, origin: maybe(origin) }))],
    ],
  },
  choose: {
    takes: [
      ['name', text],
      ['ways', named('ways by name', keyed('a way', { ...branch, goto, wait: maybe(predicate) }))],
    ],
  },
  set: { takes: [['fields', named('values by field', a('a text, a number, true, false or null', isScalar))]] },
  as: {
    takes: [
      ['name', text],
      ['step', step],
    ],
  },
  source: {
    takes: [
      ['file', sentence],
      ['symbol', sentence],
    ],
  },
  env: { takes: [['sentence', sentence]] },
  system: { takes: [['sentence', sentence]] },
  environment: { takes: [['sentence', sentence]] },
  parameter: {
    takes: [
      ['domain', domain],
      ['default', anything],
      ['sentence', sentence],
    ],
  },
  bool: { takes: [] },
  int: {
    takes: [
      ['lo', anything],
      ['hi', anything],
    ],
  },
  oneOf: { takes: [['name', text]], rest: text },
  optional: { takes: [['domain', domain]] },
  record: { takes: [['', named('domains by name', domain)]] },
  array: {
    takes: [
      ['length', oneWay('a length or a domain of members', isNumber, anything, domain)],
      ['domain', domain],
    ],
  },
  each: {
    takes: [
      ['names', listOf('a list of names', text)],
      ['domain', domain],
    ],
  },
  list: {
    takes: [
      ['capacity', number],
      ['domain', domain],
    ],
  },
  member: {
    takes: [
      ['set', text],
      ['size', number],
    ],
  },
  over: { takes: [['state', stateDomain]] },
  propertiesOver: { takes: [['state', stateDomain]] },
  state: { takes: [['value', domain]] },
  pictureOf: {
    takes: [
      ['state', stateDomain],
      [
        'declaration',
        keyed('a picture', {
          show: maybe(named('values by name', code('(state, at) => value'))),
          draw: maybe(code('(state, at) => text or SVG')),
        }),
      ],
    ],
  },
  instantiate: {
    takes: [
      ['model', model],
      ['choice', maybe(keyed('a choice', choice))],
    ],
  },
} as const satisfies Readonly<Record<string, Signature>>
