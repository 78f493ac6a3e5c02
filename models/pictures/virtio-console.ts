/** The virtqueues of virtio-console, drawn. */

export { default } from '../virtio/picture.js'
