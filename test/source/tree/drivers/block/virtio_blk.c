/* Imitates the shape of a disk's freeze and restore, for the tests. */

static int virtblk_freeze(struct virtio_device *vdev)
{
	struct disk *disk = vdev->priv;
	struct request_queue *queue = disk->queue;

	dev_dbg(&vdev->dev, "the disk goes to sleep\n");
	/* nobody enters, and those that entered are waited for */
	blk_mq_freeze_queue(queue);
	blk_mq_quiesce_queue_nowait(queue);
	blk_mq_unfreeze_queue(queue);

	virtio_reset_device(vdev);
	flush_work(&disk->config_work);
	vdev->config->del_vqs(vdev);
	kfree(disk->vqs);
	return 0;
}

static int virtblk_restore(struct virtio_device *vdev)
{
	struct disk *disk = vdev->priv;
	int err;

	err = init_vq(disk);
	if (err) {
		dev_err(&vdev->dev, "no queues: %d\n", err);
		return err;
	}
	virtio_device_ready(vdev);
	blk_mq_unquiesce_queue(disk->queue);
	return 0;
}
