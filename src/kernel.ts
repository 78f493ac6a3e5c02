/**
 * The things of the kernel as words, the public names of `thawproof/kernel`: declare them in a state, bind them, ask what they owe.
 * @module
 */

export { atRest, kernelOver, type AtRest, type KernelOver } from './kernel/words.js'
export { kernelProperties, owedNames, type LeftOut } from './kernel/owed.js'
export { localIrq, mutex, recursiveMutex, rwsem, spinlock } from './kernel/locks.js'
export { delayedWork, idleWork, work } from './kernel/work.js'
export { workqueue } from './kernel/queue.js'
export { hrtimer, idleTimer, timer } from './kernel/timer.js'
export { idleTasklet, napi, tasklet } from './kernel/softirq.js'
export { irq, quietIrq } from './kernel/irq.js'
export { completion, retries, waitqueue } from './kernel/waiting.js'
export { kthread, runningKthread } from './kernel/kthread.js'
export { cgroupFreezer, freezer, thawed } from './kernel/freezer.js'
export { activeDevice, deviceLink, runtimePM } from './kernel/runtime-pm.js'
export { local } from './kernel/local.js'
export { lifetime, refcount } from './kernel/lifetime.js'
export { notifier, rcu, srcu } from './kernel/rcu.js'
export { noEvents, wakeup } from './kernel/wakeup.js'
export { emptyMailbox, mailbox, reset } from './kernel/device.js'
export { barrier, join, kick } from './kernel/monitor.js'
