/** A virtqueue as the specification draws it: where its buffer is between the available and the used ring, with the indices of both sides. */

import { pictureOf, record } from '../../src/index.js'
import { machine, working, type Machine } from './machine.js'

/** Places of a buffer on its way round. */
const places = ['guest', 'avail', 'host', 'used'] as const

type Queue = Machine['queues'][string]

/**
 * How far each side has come in the round that is under way, in the names of the ring: the driver's available index, what the device has
 * taken of it, the device's used index, what the driver has taken of that.
 */
function indices({ buffer }: Queue): string {
  const far = places.indexOf(buffer)
  const came = (least: number): number => (far >= least ? 1 : 0)
  return `avail.idx ${came(1)}  last_avail_idx ${came(2)}  used.idx ${came(3)}  last_used_idx 0`
}

function drawn(name: string, queue: Queue): string {
  const cells = places.map((place) => (place === queue.buffer ? `[${place}]` : ` ${place} `)).join('─')
  return `${name.padEnd(12)} ${cells}  ${queue.kicked ? 'kicked' : '      '}  ${indices(queue)}`
}

/** What the rings of the driver are like for the device. */
function rings(s: Pick<Machine, 'vqs' | 'known'>): string {
  if (s.vqs === 'deleted') return s.known ? 'deleted, and the device still has their addresses' : 'deleted'
  return s.known ? 'built, and known to the device' : 'built, and unknown to the device'
}

export default pictureOf(record(machine<string>()), {
  show: {
    rings,
    device: (s) => (s.known && working(s) ? 'serves' : 'does not serve'),
    'buffers with the host': (s) =>
      Object.values(s.queues).filter(({ buffer }) => buffer === 'avail' || buffer === 'host').length,
  },
  draw: (s) =>
    [
      `tasks ${s.tasks}, status ${s.status}, rings ${rings(s)}`,
      ...Object.entries(s.queues).map(([name, queue]) => drawn(name, queue)),
      `interrupt ${s.irq.running ? 'running' : s.irq.pending ? 'pending' : 'none'}`,
    ].join('\n'),
})
