/** The virtqueues of virtio-blk, drawn. */

export { default } from '../virtio/picture.js'
