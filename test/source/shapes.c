/* C in the styles of kernels, written for the tests: attributes, macros that head blocks, error labels, #ifdef. */

#ifdef __cplusplus
extern "C" {
#endif

static inline bool lamp_is_lit(const struct lamp *lamp) { return READ_ONCE(lamp->lit); }

static int __init __must_check lamp_probe(struct device *dev)
	__acquires(&lamp_lock)
{
	struct lamp *lamp;
	int err;

	lamp = lamp_alloc(struct lamp, dev);
	if (!lamp)
		return -ENOMEM;
	err = lamp_power(lamp, true);	/* first { the */
	if (err)
		goto free;
	err = lamp_wire(lamp) ?: lamp_test(lamp);
	if (err < 0)
		goto power_off;
	return 0;

power_off:
	lamp_power(lamp, false);
free:
	lamp_free(lamp);
	return err;
}

static void lamps_dim(struct house *house)
{
	struct lamp *lamp;

	list_for_each_entry(lamp, &house->lamps, node) {
		if (lamp_is_lit(lamp))
			lamp_dim(lamp);
	}
	list_for_each_entry(lamp, &house->lamps, node)
		lamp_settle(lamp);
	scoped_guard(mutex, &house->lock) {
		house->dim = true;
	}
	guard(spinlock_irqsave)(&house->queue_lock);
	while (!house_is_quiet(house))
		cpu_relax();
again:
	for_each_room(house, room) {
		room_dark(room);
	}
	if (house->doubt)
		goto again;
}

#ifdef CONFIG_HOUSE_SLEEP
int house_sleep(struct house *house)
{
#ifdef CONFIG_HOUSE_ALARM
	if (alarm_pending(house))
		return -EBUSY;
#else
	alarm_none(house);
#endif
	lamps_dim(house);
	return 0;
}
#else
int house_sleep(struct house *house)
{
	return -ENOSYS;
}
#endif

/* an error in here must not swallow what follows */
static const struct house_ops broken = {
	.sleep = house_sleep, )
};

static void xen_style ( struct domain *d, unsigned int cmd )
{
    struct vcpu *v;

    for_each_vcpu ( d, v )
        vcpu_sleep_sync(v);

    switch ( cmd )
    {
    case CMD_STOP:
        if ( d->count++ )
            break;
        /* fallthrough */
    case CMD_DROP:
        domain_stop(d);
        break;

    default:
        printk(XENLOG_ERR HOUSE "no such command: %u\n", cmd);
        break;
    }
}

static int coroutine_fn qemu_style(VirtIODevice *vdev)
{
    VirtIODeviceClass *k = VIRTIO_DEVICE_GET_CLASS(vdev);

    QTAILQ_FOREACH(e, &vdev->entries, next) {
        entry_stop(e);
    }
    WITH_QEMU_LOCK_GUARD(&vdev->lock) {
        vdev->stopped = true;
    }
    return k->stop ? k->stop(vdev) : 0;
}
