/** The virtqueues of virtio-net, drawn. */

export { default } from '../virtio/picture.js'
