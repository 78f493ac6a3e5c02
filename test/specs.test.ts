import assert from 'node:assert/strict'
import { checkClaim, type Claim } from '../src/tell/claim.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'

/** Every claim of every protocol, and the rules that keep a spec from being hollow. */
for (const name of protocolNames()) {
  describe(`spec ${name}`, function () {
    this.timeout(120_000)
    const claims: Claim[] = []

    it('has every claim met, by complete searches, exactly as recorded', async () => {
      const protocol = await loadProtocol(name)
      for (const instance of protocol.spec.instances) {
        const claim = await checkClaim(protocol, instance)
        assert.deepEqual(claim.differences, [], `${name}/${instance.id}`)
        assert.ok(instance.measured, `${name}/${instance.id} is not recorded: run \`thawproof record ${name}\``)
        claims.push(claim)
      }
    })

    it('has no toothless property: each is violated, or its step reached, somewhere', () => {
      const violated = new Set(
        claims.flatMap(({ outcome }) =>
          outcome.verdicts.filter(({ verdict }) => verdict === 'violated').map(({ property }) => property),
        ),
      )
      const all = new Set(claims.flatMap(({ outcome }) => outcome.verdicts.map(({ property }) => property)))
      all.delete('in-domain')
      all.delete('no-deadlock')
      assert.deepEqual(
        [...all].filter((property) => !violated.has(property)),
        [],
      )
    })

    it('takes every step somewhere', () => {
      const taken = new Set<string>()
      const declared = new Set<string>()
      for (const { outcome } of claims) {
        const unfired = new Set(outcome.unfired)
        for (const { step } of outcome.system.transitions) {
          declared.add(step)
          if (!unfired.has(step)) taken.add(step)
        }
      }
      assert.deepEqual(
        [...declared].filter((step) => !taken.has(step)),
        [],
      )
    })

    it('uses every patch and lists every reference that it uses', async () => {
      const { model, spec } = await loadProtocol(name)
      const used = new Set(spec.instances.flatMap(({ patches }) => patches))
      const unused = (model.declared.patches ?? []).map((patch) => patch.name).filter((patch) => !used.has(patch))
      assert.deepEqual(unused, [])
      const cited = new Set(spec.instances.flatMap(({ references }) => references))
      assert.deepEqual(
        Object.keys(spec.references).filter((key) => !cited.has(key)),
        [],
      )
    })

    it('pairs every corpus bug that it shows with its fix', async () => {
      const { spec } = await loadProtocol(name)
      const of = (form: string): Set<string | null> =>
        new Set(spec.instances.filter((instance) => instance.form === form).map(({ corpus }) => corpus))
      const fixed = of('fixed')
      assert.deepEqual(
        [...of('buggy')].filter((bug) => !fixed.has(bug)),
        [],
      )
    })
  })
}
