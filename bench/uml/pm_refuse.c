// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A platform device whose suspend callback refuses while its parameter is set: it makes aborted suspends to order. */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm.h>

static bool refuse;
module_param(refuse, bool, 0644);

static int pm_refuse_suspend(struct device *dev)
{
	return refuse ? -EBUSY : 0;
}

static int pm_refuse_resume(struct device *dev)
{
	return 0;
}

static const struct dev_pm_ops pm_refuse_ops = { SYSTEM_SLEEP_PM_OPS(pm_refuse_suspend, pm_refuse_resume) };

static struct platform_driver pm_refuse_driver = {
	.driver = { .name = "pm_refuse", .pm = &pm_refuse_ops },
};

static int __init pm_refuse_init(void)
{
	platform_device_register_simple("pm_refuse", 0, NULL, 0);
	return platform_driver_register(&pm_refuse_driver);
}
late_initcall(pm_refuse_init);
