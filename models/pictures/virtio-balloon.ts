/** The virtqueues of virtio-balloon, drawn. */

export { default } from '../virtio/picture.js'
