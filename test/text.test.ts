import assert from 'node:assert/strict'
import { wrapped } from '../src/tell/text.js'

describe('wrapped text', () => {
  it('keeps the filling of a column, however wide', () => {
    const head = `B01${' '.repeat(33)}106 states  15 hold, 9 violated, 4`
    assert.deepEqual(wrapped(`${head} vacuous, 26 steps untaken`, 76, ' '.repeat(45)), [
      head,
      `${' '.repeat(45)}vacuous, 26 steps untaken`,
    ])
  })

  it('breaks a word that is too long', () => {
    assert.deepEqual(wrapped('drivers/xen/manage.c', 12), ['drivers/xen/', 'manage.c'])
  })
})
