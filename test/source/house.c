/* A driver that sleeps and wakes: what the tests of conformance hold against a thread of a toy model. */

struct sleep_info { int cancelled; };

static int house_stop(void *data)
{
	struct sleep_info *info = data;
	int err;

	err = syscore_off();
	if (err)
		return err;
	info->cancelled = machine_sleep();
	syscore_on();
	return 0;
}

static int house_close(struct house *house)
{
	struct lamp *lamp;

	list_for_each_entry(lamp, &house->lamps, node)
		lamp_off(lamp);
	return 0;
}

static void house_open(struct house *house)
{
	struct lamp *lamp;

	list_for_each_entry_reverse(lamp, &house->lamps, node)
		lamp_on(lamp);
}

int house_sleep(struct house *house)
{
	struct sleep_info info;
	int err;

	info.cancelled = 1;
	err = tasks_freeze();
	if (err) {
		pr_err("tasks_freeze: %d\n", err);
		goto out;
	}

	err = door_lock(house);
	if (err < 0)
		goto thaw;

	house_close(house);
	if (unlikely(!info.cancelled))
		never_called(house);
	err = stop_machine(house_stop, &info, NULL);
	if (err)
		info.cancelled = 1;
	if (!info.cancelled)
		door_forget(house);
	house_open(house);
	door_unlock(house);
thaw:
	tasks_thaw();
out:
	house->asleep = false;
	return err;
}
