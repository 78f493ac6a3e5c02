/** The virtqueues of virtio-pci, drawn. */

export { default } from '../virtio/picture.js'
