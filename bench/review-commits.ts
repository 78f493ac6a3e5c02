/** Fix commits of the corpus, each with what undoes it in a tree that has it: names of functions and of calls, no text. */

/** What turns the lines of a function back: lines that name something go, move, or come. */
export type Undo = { readonly in: string } & (
  | { readonly without: readonly string[] }
  | { readonly put: readonly string[]; readonly behind: string }
  | { readonly move: string; readonly lines?: number; readonly to: string; readonly after?: boolean }
)

/** A commit. */
export interface Commit {
  readonly id: string
  readonly title: string
  readonly file: string
  /** The series of the tree that it is looked at in: `7.3`. */
  readonly tree: string
  readonly undo: readonly Undo[]
  /** Whether the tree lacks it: then the same lines make it. */
  readonly ahead?: boolean
}

const blk = 'drivers/block/virtio_blk.c'
const vsock = 'net/vmw_vsock/virtio_transport.c'
const core = 'drivers/virtio/virtio.c'
const net = 'drivers/net/virtio_net.c'

/** The commits, by protocol. */
export const commits: readonly Commit[] = [
  {
    id: 'b71ba22e7c6c',
    title: 'virtio-blk: the array of queues is freed in freeze',
    file: blk,
    tree: '7.3',
    undo: [{ in: 'virtblk_freeze_priv', without: ['kfree(vblk->vqs)'] }],
  },
  {
    id: '7678abee0867',
    title: 'virtio-blk: the queue is not kept frozen during the sleep',
    file: blk,
    tree: '7.3',
    undo: [
      { in: 'virtblk_freeze_priv', without: ['blk_mq_quiesce_queue_nowait', 'blk_mq_unfreeze_queue'] },
      {
        in: 'virtblk_restore_priv',
        put: ['blk_mq_unfreeze_queue(vblk->disk->queue, 0);'],
        behind: 'blk_mq_unquiesce_queue',
      },
      { in: 'virtblk_restore_priv', without: ['blk_mq_unquiesce_queue'] },
    ],
  },
  {
    id: '4ce6e2db00de',
    title: 'virtio-blk: no requests are in the queues before they are deleted',
    file: blk,
    tree: '7.3',
    undo: [
      {
        in: 'virtblk_freeze_priv',
        without: ['blk_mq_freeze_queue', 'blk_mq_unfreeze_queue', 'blk_mq_quiesce_queue_nowait'],
      },
      { in: 'virtblk_freeze_priv', put: ['blk_mq_quiesce_queue(vblk->disk->queue);'], behind: 'flush_work' },
    ],
  },
  {
    id: '483001c765af',
    title: 'virtio-blk: remove drains before it resets',
    file: blk,
    tree: '7.3',
    undo: [{ in: 'virtblk_remove', move: 'virtio_reset_device', to: 'del_gendisk' }],
  },
  {
    id: 'vqs-cleared',
    title: 'virtio-blk: the pointer to the freed array is cleared',
    file: blk,
    tree: '7.3',
    undo: [{ in: 'virtblk_freeze_priv', without: ['vblk->vqs = NULL'] }],
  },
  {
    id: '55eff109e76a',
    title: 'vsock/virtio: the buffer counters are initialised in restore',
    file: vsock,
    tree: '7.3',
    undo: [{ in: 'virtio_vsock_vqs_init', without: ['rx_buf_nr = 0', 'rx_buf_max_nr = 0'] }],
  },
  {
    id: '53b08c498515',
    title: 'vsock/virtio: the pointer is published before the queues are started',
    file: vsock,
    tree: '7.3',
    undo: [{ in: 'virtio_vsock_restore', move: 'rcu_assign_pointer', to: 'virtio_vsock_vqs_start', after: true }],
  },
  {
    id: '0deab087b16a',
    title: 'vsock/virtio: freeze waits for senders that have seen the pointer',
    file: vsock,
    tree: '7.3',
    undo: [{ in: 'virtio_vsock_freeze', without: ['synchronize_rcu'] }],
  },
  {
    id: '528d92bfc093',
    title: 'virtio_input: freeze resets and detaches before it deletes the queues',
    file: 'drivers/virtio/virtio_input.c',
    tree: '7.3',
    undo: [{ in: 'virtinput_freeze', without: ['virtio_reset_device', 'virtqueue_detach_unused_buf', 'kfree'] }],
  },
  {
    id: '310227f42882',
    title: 'virtio: configuration changes are delivered again if freeze fails',
    file: core,
    tree: '7.3',
    undo: [{ in: 'virtio_device_freeze', without: ['virtio_config_core_enable'] }],
  },
  {
    id: '30683a8cce80',
    title: 'virtio: FEATURES_OK is set on restore',
    file: core,
    tree: '6.12',
    undo: [{ in: 'virtio_device_restore', without: ['virtio_features_ok'] }],
  },
  {
    id: '22b7050a024d',
    title: 'virtio: configuration changes are held back during a sleep',
    file: core,
    tree: '7.3',
    undo: [{ in: 'virtio_device_freeze', without: ['virtio_config_core_disable'] }],
  },
  {
    id: '45d8ef6322b8',
    title: 'virtio-net: the device is closed before it is detached',
    file: net,
    tree: '6.12',
    ahead: true,
    undo: [{ in: 'virtnet_freeze_down', move: 'netif_running(vi->dev)', lines: 2, to: 'netif_tx_lock_bh' }],
  },
  {
    id: '5a159128faff',
    title: 'virtio-net: the refill work is gated while the device is closed',
    file: net,
    tree: '6.12',
    undo: [{ in: 'virtnet_close', without: ['disable_delayed_refill'] }],
  },
  {
    id: '713a98d90c5e',
    title: 'virtio-net: the interface is detached under the transmit lock',
    file: net,
    tree: '7.3',
    undo: [{ in: 'virtnet_freeze_down', without: ['netif_tx_lock_bh', 'netif_tx_unlock_bh'] }],
  },
  {
    id: 'f770c3d85868',
    title: 'xen: a dpm_suspend_start that failed is undone by dpm_resume_end',
    file: 'drivers/xen/manage.c',
    tree: '7.3',
    undo: [
      { in: 'do_suspend', put: ['\tgoto out_thaw;'], behind: 'dpm_suspend_start %d' },
      { in: 'do_suspend', without: ['goto out_resume_end'] },
    ],
  },
  {
    id: 'a49e1e2e785f',
    title: 'USB: hub: post-resume work is flushed when the hub is quiesced',
    file: 'drivers/usb/core/hub.c',
    tree: '7.3',
    undo: [{ in: 'hub_quiesce', without: ['flush_delayed_work'] }],
  },
  {
    id: 'd50b7914fae0',
    title: 'xen-netfront: the queues are destroyed in resume',
    file: 'drivers/net/xen-netfront.c',
    tree: '7.3',
    undo: [
      { in: 'netfront_resume', without: ['rtnl_lock', 'if (info->queues)', 'xennet_destroy_queues', 'rtnl_unlock'] },
    ],
  },
  {
    id: 'd46c4c839c20',
    title: 'PM: sleep: is_suspended of directly completed devices is cleared',
    file: 'drivers/base/power/main.c',
    tree: '7.3',
    undo: [{ in: 'device_resume', without: ['is_suspended = false'] }],
  },
]
