/** Acts of the virtio core: whoever has a step that is called after one does it, and what is noted is noted by the act. */

import assert from 'node:assert/strict'
import { instantiate, type Model } from '../src/index.js'
import { readSpec } from '../src/tell/spec.js'
import * as virtio from '../models/virtio/machine.js'

const protocols = ['balloon', 'blk', 'console', 'drivers', 'net', 'pci', 'vsock'].map((short) => `virtio-${short}`)

/** Names of functions that touch a virtqueue, as steps carry them. */
const touches = /virtqueue_(add|kick|get_buf|detach|disable_cb|enable_cb|set_affinity)|add_inbuf|fill_queue/

const live = (): virtio.Machine => virtio.live<string>({ q: 'avail' }, { strict: true, sleeps: 1 })

describe('the acts of the virtio core', () => {
  for (const protocol of protocols)
    it(`${protocol}: a step that is called after an act does it`, async () => {
      const { default: model } = (await import(`../models/${protocol}.js`)) as { default: Model }
      let asked = 0
      for (const { id, parameters, patches } of readSpec(`specs/${protocol}.json`).instances) {
        const system = instantiate(model, { parameters, patches })
        for (const { step, actor, effects, args } of system.transitions) {
          if (actor === 'host' || !touches.test(step)) continue
          asked++
          const state = structuredClone(system.initials[0]) as virtio.Machine
          state.vqs = 'deleted'
          for (const effect of effects) effect(state, args)
          assert.ok(state.misuse.deleted, `${protocol}/${id}: ${step} leaves a deleted queue alone`)
        }
      }
      assert.ok(asked > 0)
    })

  it('are wrong on a queue that is deleted', () => {
    const acts = [
      virtio.touch,
      virtio.submit,
      (d: virtio.Machine) => void virtio.add(d, 'q'),
      (d: virtio.Machine) => virtio.kick(d, 'q'),
      (d: virtio.Machine) => void virtio.getBuf(d, 'q'),
      (d: virtio.Machine) => virtio.takeBack(d, 'q'),
    ]
    for (const act of acts) {
      const there = live()
      act(there)
      assert.deepEqual(there.misuse, { deleted: false, reset: false })
      const gone = { ...live(), vqs: 'deleted' as const }
      act(gone)
      assert.equal(gone.misuse.deleted, true)
    }
  })

  it('submit nothing to a device that was reset, unless its queue is broken: then adding fails', () => {
    for (const status of ['reset', 'acknowledge', 'features_ok', 'failed'] as const) {
      const reset = { ...live(), status }
      virtio.add(reset, 'q')
      assert.deepEqual(reset.misuse, { deleted: false, reset: true })
      const broken = { ...live(), status, broken: true }
      assert.equal(virtio.add(broken, 'q'), false)
      virtio.kick(broken, 'q')
      assert.deepEqual(broken.misuse, { deleted: false, reset: false })
    }
  })
})
