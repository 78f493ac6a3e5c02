/** The virtqueues of virtio-vsock, drawn. */

export { default } from '../virtio/picture.js'
