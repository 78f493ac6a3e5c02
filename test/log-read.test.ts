/** Messages told from what transports, mailers and tracers put around them. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { attributed, printSites } from '../src/match/log/print-sites.js'
import { anonymous, readLog } from '../src/match/log/read.js'
import { loadGrammar } from '../src/match/source/grammar.js'
import type { Tree } from '../src/match/source/tree.js'

const textOf = (name: string): string => readFileSync(new URL(`../specs/logs/${name}`, import.meta.url), 'utf8')

describe('a line of a log', () => {
  const read = (line: string): string => readLog(line).lines[0]!.text

  it('is told from what stands before it, in the shapes that people post', () => {
    const message = 'PM: suspend entry (deep)'
    for (const before of [
      '',
      '[   96.810220] ',
      '<6>[   96.810220] ',
      '<6>',
      'Aug  2 10:17:34 localhost kernel: [38592.985159] ',
      'Aug 2 10:17:34 localhost kernel: ',
      'Sat Aug  2 10:17:34 2025 ',
      '2020-10-01 16:50:33.712000  <3>[  197.250534] ',
      '2025-06-20T08:43:03+02:00 HOST kernel: ',
      '00:24:13  ',
      '> > [   96.810220] ',
      '| [   96.810220] ',
      '[   96.810220][    T1] ',
      '[   96.810220] [ T4745] ',
      '(XEN) ',
      '(XEN) [2024-05-01 10:00:00] ',
      '\u001b[32m[   96.810220] \u001b[0m',
    ])
      assert.equal(read(before + message), message, before)
    assert.equal(read(`[   96.810220] ${message}\r`), message)
  })

  it('of a tracer comes with its stamp and processor', () => {
    const { lines } = readLog(
      [
        '           <...>-4745  [001] .... 280208.503406: suspend_resume: suspend_enter[3] begin',
        '   kworker/u8:1-77    ( 77) [003] d.h1.   12.000001: suspend_resume: CPU_ON[1] end',
        ' 5)               |  /* suspend_resume: dpm_suspend[2] begin */',
        '17774@1591387950.196272:virtio_set_status vdev 0x633000019640 val 0',
        'virtio_set_status vdev 0x12f74d960 val 3',
      ].join('\n'),
    )
    assert.deepEqual(
      lines.map(({ text, stamp, cpu }) => [text, stamp, cpu]),
      [
        ['suspend_resume: suspend_enter[3] begin', 280208.503406, 1],
        ['suspend_resume: CPU_ON[1] end', 12.000001, 3],
        ['suspend_resume: dpm_suspend[2] begin', null, 5],
        ['virtio_set_status vdev 0x633000019640 val 0', 1591387950.196272, null],
        ['virtio_set_status vdev 0x12f74d960 val 3', null, null],
      ],
    )
  })

  it('tells who prints like that', () => {
    const said = [
      'suspend_resume: dpm_suspend[2] begin',
      'virtio_set_status vdev 0x12 val 3',
      '(XEN) Preparing system for ACPI S3 state.',
      '[   96.8] PM: suspend exit',
    ]
    assert.deepEqual(
      readLog(said.join('\n')).lines.map(({ dialect }) => dialect),
      ['trace', 'qemu', 'xen', 'kernel'],
    )
  })

  it('of a journal is read from its JSON', () => {
    const [line] = readLog(
      '{"MESSAGE":"PM: suspend exit","_SOURCE_MONOTONIC_TIMESTAMP":"96810220","PRIORITY":"6","_TRANSPORT":"kernel"}',
    ).lines
    assert.deepEqual([line!.text, line!.stamp, line!.level], ['PM: suspend exit', 96.81022, 6])
    assert.equal(readLog('{ not a journal').lines[0]!.text, '{ not a journal')
  })

  it('that a mailer broke in two is heard whole', () => {
    const { lines } = readLog(
      '     device_pm_callback_start: gpio_rcar e6055800.gpio, parent: soc,\nnoirq power domain [suspend]\n',
    )
    assert.equal(
      lines[0]!.joined,
      'device_pm_callback_start: gpio_rcar e6055800.gpio, parent: soc, noirq power domain [suspend]',
    )
  })

  it('tells of other boots, of lines that are missing, and of stamps that go back', () => {
    const log = readLog(
      [
        '[    9.000000] PM: suspend entry (deep)',
        '[    0.000000] Linux version 6.12.0',
        '[    5.000000] ** 12 printk messages dropped **',
        '[    6.000000] PM: suspend exit',
        '[    5.500000] PM: suspend entry (deep)',
      ].join('\n'),
    )
    assert.deepEqual([log.boots, log.gaps, log.backwards], [2, 1, 1])
    assert.deepEqual(
      log.lines.map(({ boot, gap }) => [boot, gap]),
      [
        [0, false],
        [1, false],
        [1, true],
        [1, true],
        [1, false],
      ],
    )
  })

  it('is shown without what tells who somebody is', () => {
    assert.equal(
      anonymous('wlan0: authenticate with 12:34:56:78:9a:bc (10.0.0.7) by jane.doe@example.org in /home/jane/x'),
      'wlan0: authenticate with xx:xx:xx:xx:xx:xx (a.b.c.d) by USER@HOST in /home/USER/x',
    )
    for (const file of ['2013-08-08-lkml.txt', 'deep-sleep-android.txt', 'nvidia-refuses-pop-3590.txt'])
      for (const { text } of readLog(textOf(file)).lines.slice(1)) assert.equal(anonymous(text), text)
  })

  it('that begins the dump of a stack carries the functions on it, innermost first', () => {
    const { lines } = readLog(
      [
        '[  242.1] INFO: task xenwatch:42 blocked for more than 120 seconds.',
        '[  242.1]       Not tainted 6.1.0 #1',
        '[  242.1] task:xenwatch        state:D stack:0     pid:42   ppid:2      flags:0x00004000',
        '[  242.1] Call Trace:',
        '[  242.1]  <TASK>',
        '[  242.1]  __schedule+0x2b5/0x8f0',
        '[  242.1]  ? async_synchronize_cookie_domain+0x9c/0x100',
        '[  242.1]  dpm_resume+0x1e/0x40 [pm]',
        '[  242.1]  </TASK>',
        '[  242.2] usb 1-1: reset',
      ].join('\n'),
    )
    assert.equal(lines[0]!.joined, 'stack of xenwatch: __schedule async_synchronize_cookie_domain dpm_resume')
    assert.equal(lines.at(-1)!.text, 'usb 1-1: reset')
  })
})

describe('the print sites of a tree', () => {
  const tree: Tree = {
    name: 'a tree of our own',
    text: (path) =>
      path === 'driver.c'
        ? [
            'static int toy_suspend(struct device *dev)',
            '{',
            '\tint err = stop(dev);',
            '',
            '\tif (err) {',
            '\t\tdev_err(dev, "cannot stop the toy: %d\\n", err);',
            '\t\treturn err;',
            '\t}',
            '\tpr_info("toy of %s sleeps "',
            '\t\t"in %d ms\\n", name(dev), 5);',
            '\tpr_debug("%s: %s\\n", a, b);',
            '\treturn 0;',
            '}',
          ].join('\n')
        : undefined,
  }

  it('tell which function and line printed a message; a format without words tells nothing', async () => {
    const origins = [
      { file: 'driver.c', symbol: 'toy_suspend' },
      { file: 'gone.c', symbol: 'nothing' },
    ]
    const sites = printSites(await loadGrammar(), tree, origins)
    assert.deepEqual(
      sites.map(({ symbol, line, format }) => [symbol, line, format]),
      [
        ['toy_suspend', 6, 'cannot stop the toy: %d\\n'],
        ['toy_suspend', 9, 'toy of %s sleeps in %d ms\\n'],
      ],
    )
    const messages = ['x 0: cannot stop the toy: -5', 'toy of the box sleeps in 12 ms', 'a: b']
    assert.deepEqual(
      attributed(messages, sites).map((site) => site?.line),
      [6, 9, undefined],
    )
  })
})
