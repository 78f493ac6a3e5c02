/** The virtqueues of virtio-drivers, drawn. */

export { default } from '../virtio/picture.js'
