/** Specs that are wrong: as JSON, by the schema, and against the model that they are about; each with line and column. */

import assert from 'node:assert/strict'
import { Bench, changed, spec } from './table.js'

/** What is wrong, the piece of the text that is changed, what is put there, and what is said. */
const rows: readonly (readonly [what: string, from: string, to: string, said: string])[] = [
  [
    'a comma that is missing',
    '"protocol": "m",',
    '"protocol": "m"',
    'm.json: is not JSON: a comma is missing\n  m.json:4:3',
  ],
  [
    'a comma too many',
    '"states": 2, "transitions": 1, "depth": 1, "traces": {} }',
    '"states": 2, "transitions": 1, "depth": 1, "traces": {}, }',
    'm.json: is not JSON: a key in quotes is missing\n  m.json:18:78',
  ],
  [
    'a text that is not closed',
    '"protocol": "m",',
    '"protocol": "m,',
    'm.json: is not JSON: a text is not closed\n  m.json:3:15',
  ],
  [
    'single quotes',
    '"protocol": "m",',
    '\'protocol\': "m",',
    'm.json: is not JSON: a word that JSON does not know\n  m.json:3:3',
  ],
  [
    'a comment',
    '"protocol": "m",',
    '"protocol": "m", // the model',
    'm.json: is not JSON: a comment; JSON has none\n  m.json:3:20',
  ],
  [
    'a word of JavaScript',
    '"corpus": null',
    '"corpus": undefined',
    'm.json: is not JSON: a word that JSON does not know\n  m.json:10:17',
  ],
  ['nothing at all', spec, '', 'm.json: is not JSON: a value is missing\n  m.json:1:1'],
  [
    'something behind the end',
    '  "scored": ["base"]\n}',
    '  "scored": ["base"]\n}}',
    'm.json: is not JSON: something stands behind the end\n  m.json:23:2',
  ],
  [
    'a key that is there twice',
    '"parameters": { "N": 1 }',
    '"parameters": { "N": 1, "N": 2 }',
    "m.json: the key 'N' is there twice\n  only the last would count: keep one\n  m.json:14:31",
  ],
  ['a list instead of a spec', spec, '[]', 'm.json, top level: wants an object, not a list of 0\n  m.json:1:1'],
  [
    'another schema',
    'thawproof/spec@1',
    'thawproof/spec@2',
    'm.json, schema: wants "thawproof/spec@1", not the text \'thawproof/spec@2\'\n  m.json:2:13',
  ],
  [
    'no protocol',
    '  "protocol": "m",\n',
    '',
    'm.json, top level: has no "protocol"\n  required: schema, protocol, instances\n  m.json:1:1',
  ],
  [
    'a protocol that is no name',
    '"protocol": "m"',
    '"protocol": "M m"',
    "m.json, protocol: the text 'M m' is not of the form that is wanted\n  it must fit ^[a-z0-9]+(-[a-z0-9]+)*$\n  m.json:3:15",
  ],
  [
    'a protocol of another name',
    '"protocol": "m"',
    '"protocol": "n"',
    'm.json: says it is of \'n\'\n  "protocol" must be "m", as the file is named\n  m.json:3:15',
  ],
  [
    'no instances',
    '  "references": { "a"',
    '  "instances": [],\n  "references": { "a"',
    "m.json: the key 'instances' is there twice\n  only the last would count: keep one\n  m.json:7:3",
  ],
  [
    'schema, misspelt',
    '"schema":',
    '"shema":',
    "m.json, top level: there is no key 'shema'\n  did you mean 'schema'? known: schema, protocol, references, sources, reading, answers, instances, scenarios, scored, teeth, survivors\n  m.json:2:3",
  ],
  [
    'references, misspelt',
    '"references": { "a"',
    '"refrences": { "a"',
    "m.json, top level: there is no key 'refrences'\n  did you mean 'references'? known: schema, protocol, references, sources, reading, answers, instances, scenarios, scored, teeth, survivors\n  m.json:4:3",
  ],
  [
    'answers, misspelt',
    '"answers":',
    '"answer":',
    "m.json, top level: there is no key 'answer'\n  did you mean 'answers'? known: schema, protocol, references, sources, reading, answers, instances, scenarios, scored, teeth, survivors\n  m.json:5:3",
  ],
  [
    'scored, misspelt',
    '"scored":',
    '"score":',
    "m.json, top level: there is no key 'score'\n  did you mean 'scored'? known: schema, protocol, references, sources, reading, answers, instances, scenarios, scored, teeth, survivors\n  m.json:22:3",
  ],
  [
    'title of a reference, misspelt',
    '"title":',
    '"titel":',
    "m.json, references.a: there is no key 'titel'\n  did you mean 'title'? known: title, where, evidence\n  m.json:4:26",
  ],
  [
    'where of a reference, misspelt',
    '"where":',
    '"were":',
    "m.json, references.a: there is no key 'were'\n  did you mean 'where'? known: title, where, evidence\n  m.json:4:47",
  ],
  [
    'evidence of a reference, misspelt',
    '"evidence": "seen" }',
    '"evidense": "seen" }',
    "m.json, references.a: there is no key 'evidense'\n  did you mean 'evidence'? known: title, where, evidence\n  m.json:4:67",
  ],
  [
    'evidence of a reference that is none',
    '"evidence": "seen" }',
    '"evidence": "sen" }',
    "m.json, references.a.evidence: 'sen' is not known\n  did you mean 'seen'? known: seen, recalled, derived\n  m.json:4:79",
  ],
  [
    'asks of an answer, misspelt',
    '"asks":',
    '"ask":',
    "m.json, answers[0]: there is no key 'ask'\n  did you mean 'asks'? known: asks, says, instances\n  m.json:5:17",
  ],
  [
    'instances of an answer, misspelt',
    '"instances": ["base"]',
    '"instance": ["base"]',
    "m.json, answers[0]: there is no key 'instance'\n  did you mean 'instances'? known: asks, says, instances\n  m.json:5:57",
  ],
  [
    'id, misspelt',
    '"id": "base"',
    '"ID": "base"',
    "m.json, instances[0]: there is no key 'ID'\n  did you mean 'id'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:8:7",
  ],
  [
    'an id with a blank',
    '"id": "base"',
    '"id": "the base"',
    "m.json, instances[0] (the base).id: the text 'the base' is not of the form that is wanted\n  it must fit ^[A-Za-z0-9][A-Za-z0-9._+-]*$\n  m.json:8:13",
  ],
  ['an id that is a number', '"id": "base"', '"id": 1', 'm.json, instances[0].id: wants a text, not 1\n  m.json:8:13'],
  [
    'says, misspelt',
    '"says": "It counts."',
    '"sais": "It counts."',
    "m.json, instances[0] (base): there is no key 'sais'\n  did you mean 'says'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:9:7",
  ],
  [
    'an empty sentence',
    '"says": "It counts."',
    '"says": ""',
    'm.json, instances[0] (base).says: is an empty text\n  m.json:9:15',
  ],
  [
    'corpus, misspelt',
    '"corpus":',
    '"corpos":',
    "m.json, instances[0] (base): there is no key 'corpos'\n  did you mean 'corpus'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:10:7",
  ],
  [
    'a bug of no corpus',
    '"corpus": null',
    '"corpus": "B04"',
    "m.json, instances[0] (base).corpus: the text 'B04' is not of the form that is wanted\n  it must fit ^(xen|virtio|arm|pm|new)-[A-Z]+[0-9]+$\n  m.json:10:17",
  ],
  [
    'form, misspelt',
    '"form":',
    '"from":',
    "m.json, instances[0] (base): there is no key 'from'\n  did you mean 'form'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:11:7",
  ],
  [
    'a form that is none',
    '"form": null',
    '"form": "bugy"',
    "m.json, instances[0] (base).form: 'bugy' is not known\n  did you mean 'buggy'? known: buggy, fixed\n  m.json:11:15",
  ],
  [
    'evidence, misspelt',
    '"evidence": null',
    '"evidance": null',
    "m.json, instances[0] (base): there is no key 'evidance'\n  did you mean 'evidence'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:12:7",
  ],
  [
    'evidence that is none',
    '"evidence": null',
    '"evidence": "derivd"',
    "m.json, instances[0] (base).evidence: 'derivd' is not known\n  did you mean 'derived'? known: seen, recalled, derived\n  m.json:12:19",
  ],
  [
    'parameters, misspelt',
    '"parameters":',
    '"paramters":',
    "m.json, instances[0] (base): there is no key 'paramters'\n  did you mean 'parameters'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:14:7",
  ],
  [
    'a parameter that is not declared',
    '"parameters": { "N": 1 }',
    '"parameters": { "M": 1 }',
    "model m: there is no parameter 'M'\n  did you mean 'N'? known: N\n  m.json:14:23",
  ],
  [
    'a parameter out of its range',
    '"parameters": { "N": 1 }',
    '"parameters": { "N": 7 }',
    'model m, parameter N: 7 is out of range\n  allowed: int(1, 2)\n  m.json:14:23',
  ],
  [
    'a parameter that is a list',
    '"parameters": { "N": 1 }',
    '"parameters": { "N": [1] }',
    'm.json, instances[0] (base).parameters.N: wants a text or a whole number or true or false, not a list of 1\n  m.json:14:28',
  ],
  [
    'patches, misspelt',
    '"patches":',
    '"patchs":',
    "m.json, instances[0] (base): there is no key 'patchs'\n  did you mean 'patches'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:15:7",
  ],
  [
    'a patch that is not declared',
    '"patches": []',
    '"patches": ["fastr"]',
    "model m: there is no patch 'fastr'\n  did you mean 'faster'? known: faster\n  m.json:15:19",
  ],
  [
    'a patch that is named twice',
    '"patches": []',
    '"patches": ["faster", "faster"]',
    'm.json, instances[0] (base).patches: has "faster" twice\n  keep one\n  m.json:15:18',
  ],
  [
    'a patch that is a text',
    '"patches": []',
    '"patches": "faster"',
    "m.json, instances[0] (base).patches: wants a list, not the text 'faster'\n  m.json:15:18",
  ],
  [
    'fairness, misspelt',
    '"fairness":',
    '"fairnes":',
    "m.json, instances[0] (base): there is no key 'fairnes'\n  did you mean 'fairness'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:16:7",
  ],
  [
    'fairness of nothing that is there',
    '"fairness": { "one.count"',
    '"fairness": { "one.cuont"',
    "model m, fairness: there is no thread or action 'one.cuont'\n  did you mean 'one.count'? known: one.count\n  m.json:16:21",
  ],
  [
    'a fairness that is none',
    '"one.count": "weak"',
    '"one.count": "week"',
    "m.json, instances[0] (base).fairness.one.count: 'week' is not known\n  did you mean 'weak'? known: weak, strong, none\n  m.json:16:34",
  ],
  [
    'expect, misspelt',
    '"expect":',
    '"expects":',
    "m.json, instances[0] (base): there is no key 'expects'\n  did you mean 'expect'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:17:7",
  ],
  [
    'a property that does not exist',
    '"small": "holds"',
    '"smal": "holds"',
    "spec of m, instance base: there is no property 'smal'\n  did you mean 'small'? known: no-deadlock, in-domain, small\n  m.json:17:65",
  ],
  [
    'a verdict that is none',
    '"small": "holds"',
    '"small": "hold"',
    "m.json, instances[0] (base).expect.small: 'hold' is not known\n  did you mean 'holds'? known: holds, violated, vacuous, unknown\n  m.json:17:74",
  ],
  [
    'a verdict that is true',
    '"small": "holds"',
    '"small": true',
    'm.json, instances[0] (base).expect.small: wants one of "holds", "violated", "vacuous", "unknown", not true\n  m.json:17:74',
  ],
  [
    'steps of a violation, misspelt',
    '"small": "holds"',
    '"small": { "verdict": "violated", "step": 3 }',
    "m.json, instances[0] (base).expect.small: there is no key 'step'\n  did you mean 'steps'? known: verdict, steps, because\n  m.json:17:99",
  ],
  [
    'a violation without steps',
    '"small": "holds"',
    '"small": { "verdict": "violated" }',
    'm.json, instances[0] (base).expect.small: has no "steps"\n  required: verdict, steps\n  m.json:17:74',
  ],
  [
    'that something is trivial, without the reason',
    '"small": "holds"',
    '"small": { "verdict": "trivial" }',
    'm.json, instances[0] (base).expect.small: has no "because"\n  required: verdict, because\n  m.json:17:74',
  ],
  [
    'that something is trivial, as a word',
    '"small": "holds"',
    '"small": "trivial"',
    "m.json, instances[0] (base).expect.small: 'trivial' is not known\n  known: holds, violated, vacuous, unknown\n  m.json:17:74",
  ],
  [
    'that something is trivial in so many steps',
    '"small": "holds"',
    '"small": { "verdict": "trivial", "because": "It is.", "steps": 3 }',
    'm.json, instances[0] (base).expect.small.steps: does not go with what stands beside it\n  m.json:17:128',
  ],
  [
    'steps below nothing',
    '"small": "holds"',
    '"small": { "verdict": "violated", "steps": -1 }',
    'm.json, instances[0] (base).expect.small.steps: -1 must be >= 0\n  m.json:17:108',
  ],
  [
    'measured, misspelt',
    '"measured":',
    '"measurd":',
    "m.json, instances[0] (base): there is no key 'measurd'\n  did you mean 'measured'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:18:7",
  ],
  [
    'states, misspelt',
    '"states":',
    '"state":',
    "m.json, instances[0] (base).measured: there is no key 'state'\n  did you mean 'states'? known: states, transitions, depth, orbits, traces\n  m.json:18:21",
  ],
  [
    'states that are a text',
    '"states": 2',
    '"states": "2"',
    "m.json, instances[0] (base).measured.states: wants a whole number, not the text '2'\n  m.json:18:31",
  ],
  [
    'note, misspelt',
    '"note":',
    '"notes":',
    "m.json, instances[0] (base): there is no key 'notes'\n  did you mean 'note'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note\n  m.json:19:7",
  ],
  [
    'a reference that is not listed',
    '"references": ["a"]',
    '"references": ["b"]',
    'm.json, instance base: reference \'b\' is not listed\n  add it to "references"\n  m.json:13:22',
  ],
  [
    'two instances of one name',
    '    }\n  ],',
    '    }, { "id": "base", "says": "Again.", "corpus": null, "form": null, "evidence": null, "references": [], "parameters": {}, "patches": [], "expect": {} }\n  ],',
    'm.json, instance base: is declared twice\n  rename one of them\n  m.json:20:16',
  ],
  [
    'an answer by an instance that is not there',
    '"instances": ["base"]',
    '"instances": ["bas"]',
    "m.json, answer to \"Does it?\": there is no instance 'bas'\n  did you mean 'base'? known: base\n  m.json:5:71",
  ],
  [
    'an instance to score that is not there',
    '"scored": ["base"]',
    '"scored": ["basis"]',
    "m.json, scored: there is no instance 'basis'\n  did you mean 'base'? known: base\n  m.json:22:14",
  ],
]

describe('a spec', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  it('is right as it stands', async () => assert.deepEqual(await bench.saidOfSpec(spec), [0, '']))

  for (const [what, from, to, said] of rows)
    it(what, async () => assert.deepEqual(await bench.saidOfSpec(changed(spec, from, to).text), [2, said]))
})
