/** `thawproof review`, as a user types it: against a tree of our own that has the shapes of a driver, not its text. */

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import type { Review } from '../src/tell/review/review.js'
import { schemaNamed } from '../src/tell/schema.js'
import { diffOf, mailOf, mboxOf } from './patch-mails.js'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const path = 'drivers/block/virtio_blk.c'

/** Functions of the right names that make the right calls in the right order; nobody's driver. */
const disk = `/* An imitation. */
static int virtblk_freeze(struct virtio_device *vdev)
{
	struct virtio_blk *disk = vdev->priv;

	blk_mq_freeze_queue(disk->q);
	blk_mq_quiesce_queue_nowait(disk->q);
	blk_mq_unfreeze_queue(disk->q);
	virtio_reset_device(vdev);
	flush_work(&disk->config_work);
	vdev->config->del_vqs(vdev);
	kfree(disk->vqs);
	return 0;
}

static int virtblk_restore(struct virtio_device *vdev)
{
	struct virtio_blk *disk = vdev->priv;
	int err;

	err = init_vq(disk);
	if (err)
		return err;
	virtio_device_ready(vdev);
	blk_mq_unquiesce_queue(disk->q);
	return 0;
}

static int virtblk_name(struct virtio_blk *disk)
{
	return disk->index;
}
`

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

describe('thawproof review', function () {
  this.timeout(60_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-review-'))
    write(path, disk)
    write('Makefile', 'VERSION = 9\nPATCHLEVEL = 1\nSUBLEVEL = 2\n')
  })
  after(() => rmSync(folder, { recursive: true }))

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  const run = (input: string, ...args: string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'review', '--tree', '.', ...args], {
      cwd: folder,
      encoding: 'utf8',
      input,
      env: { ...process.env, NO_COLOR: '1' },
    })
    return { code: status, out: stdout, err: stderr }
  }

  const change = (from: string, to: string): string => diffOf(disk, disk.replace(from, to), path)
  const leak = change('\tkfree(disk->vqs);\n', '')
  const leaking = mailOf({ subject: '[PATCH] virtio-blk: keep the array', diff: leak })

  it('recognises the variant that a patch makes, and tells what that breaks and how to see it', () => {
    const { code, out, err } = run(leaking)
    assert.equal(err, '')
    assert.equal(code, 1)
    assert.match(
      out,
      /^virtio-blk: keep the array\n {2}held against linux 9\.1\.2: 1 patch, 1 function; \d+ protocols? reads? /,
    )
    assert.match(out, /virtblk_freeze {2}drivers\/block\/virtio_blk\.c:2 {2}read by \d protocol/)
    assert.match(out, /virtio-blk: the source goes with the variant array-leaked now, with the base\n {2}before\n/)
    assert.match(out, /breaks\n {4}array-allocated-once {2}holds → violated in 20/)
    const replay = /^ {6}thawproof (trace virtio-blk array-allocated-once --patch array-leaked)$/m.exec(out)![1]!
    const shown = spawnSync(process.execPath, [bin, ...replay.split(' ')], { encoding: 'utf8' })
    assert.match(shown.stdout, /array-allocated-once is violated in 20 steps/, shown.stderr)
    for (const line of out.split('\n')) assert(line.length <= 80, line)
  })

  it('finds the other way round what the patch repairs', () => {
    write(path, disk.replace('\tkfree(disk->vqs);\n', ''))
    const { code, out } = run(diffOf(disk.replace('\tkfree(disk->vqs);\n', ''), disk, path))
    write(path, disk)
    assert.match(out, /the source goes with the base now, with the variant array-leaked\n {2}before\n/)
    assert.match(out, /fixes\n {4}array-allocated-once {2}violated in 20 → holds/)
    assert.equal(code, 0)
  })

  it('derives what no variant is, says from which lines, and what it takes for granted', () => {
    const diff = change(
      '\tvirtio_device_ready(vdev);\n',
      '\tif (disk->lost)\n\t\treturn -EIO;\n\tvirtio_device_ready(vdev);\n',
    )
    const { code, out } = run(diff)
    assert.match(
      out,
      /derived from virtblk_restore \+24 \+25:\n {4}pm\.init_vq\/ok goes to|derived from virtblk_restore \+24 \+25:\n {4}pm\.init_vq gets a way/,
    )
    assert.match(out, /not modelled/)
    assert.match(out, /adds if \(disk->lost\)/)
    assert.equal(code, 0)
  })

  it('says that nobody reads what a patch touches, and what of it is no text', () => {
    const diff = change('return disk->index;', 'return disk->index + 1;')
    const picture =
      'diff --git a/logo.png b/logo.png\nindex 1..2 100644\nBinary files a/logo.png and b/logo.png differ\n'
    write('logo.png', '?')
    const { code, out } = run(
      `${diff}${picture}diff --git a/Makefile b/Kbuild\nsimilarity index 100%\nrename from Makefile\nrename to Kbuild\n`,
    )
    assert.equal(code, 0)
    assert.match(out, /no protocol reads any of them/)
    assert.match(out, /logo\.png \(binary, passed over\)\n {4}Kbuild \(renamed from Makefile\)/)
  })

  it('does not call it nothing where a file goes that protocols read', () => {
    const renamed = `diff --git a/${path} b/drivers/disk.c\nsimilarity index 100%\nrename from ${path}\nrename to drivers/disk.c\n`
    const { code, out } = run(renamed, '--terse')
    assert.match(
      out,
      /^-:1: WARNING: thawproof: not compared: drivers\/block\/virtio_blk\.c becomes drivers\/disk\.c: block-quiesce, virtio-blk, virtio-parallel read it under its old name/,
    )
    assert.equal(code, 3)
  })

  it('takes a series as one, in order, whatever came before, and tells what it comes to on the way', () => {
    const second = disk.replace('\tkfree(disk->vqs);\n', '')
    const mails = [
      mailOf({ subject: '[PATCH 2/2] virtio-blk: and again', id: '2@toy', diff: diffOf(second, disk, path) }),
      mailOf({ subject: '[PATCH 0/2] virtio-blk: to and fro', id: '0@toy' }),
      mailOf({ subject: '[PATCH 1/2] virtio-blk: keep the array', diff: leak }),
    ]
    const { code, out } = run(mboxOf(mails))
    assert.match(out, /^virtio-blk: to and fro\n/)
    assert.match(out, /1\/2 virtio-blk: keep the array[\s\S]*2\/2 virtio-blk: and again/)
    assert.match(out, /2 patches, 2 functions; 3 protocols read some of\n {2}them\n/)
    assert.match(out, /\nvirtio-blk: the source goes with the base, as before\n/)
    assert.match(
      out,
      /after 1\/2: the source goes with the variant array-leaked now, with the base\n {4}before; breaks array-allocated-once\n/,
    )
    assert.equal(code, 1, 'a bisection may stop there, although nothing is broken in the end')
    const told = JSON.parse(run(mboxOf(mails), '--format', 'json').out) as Review
    const validate = schemaNamed('review')
    assert(validate(told), JSON.stringify(validate.errors))
    assert.deepEqual(
      told.protocols.map(({ protocol, along }) => [protocol, along.flatMap(({ patch, breaks }) => [patch, ...breaks])]),
      [
        ['block-quiesce', [1]],
        ['virtio-blk', [1, 'array-allocated-once']],
        ['virtio-parallel', [1]],
      ],
    )
  })

  it('is the same bytes every time, and data that fits its schema', () => {
    const [one, two] = [run(leaking, '--format', 'json'), run(leaking, '--format', 'json')]
    assert.equal(one.out, two.out)
    const found = JSON.parse(one.out) as Review
    const validate = schemaNamed('review')
    assert(validate(found), JSON.stringify(validate.errors))
    const trace = schemaNamed('trace')
    for (const { claims } of found.protocols)
      for (const { trace: run_ } of claims?.changes ?? []) if (run_) assert(trace(run_), JSON.stringify(trace.errors))
    assert.equal(found.protocols.find(({ protocol }) => protocol === 'virtio-blk')?.answer, 'variant')
  })

  it('is a mail into the thread, plain and narrow', () => {
    const { out } = run(leaking, '--format', 'mail')
    assert.match(
      out,
      /^Subject: Re: \[PATCH\] virtio-blk: keep the array\nTo: maker@example\.org\nIn-Reply-To: <1@toy>\n\n/,
    )
    assert.match(out, /A shortest run that breaks array-allocated-once, step by step:\n\n {2}1\. pm: /)
    for (const line of out.split('\n')) assert(/^ {2}npx |^[ -~]{0,72}$/.test(line), line)
  })

  it('is valid SARIF, at the line that the patch touches', () => {
    const file = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
    const { id, $schema, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    void [id, $schema]
    const valid = new Ajv({ strict: false, unicodeRegExp: false, validateFormats: false }).compile(schema)
    const log = JSON.parse(run(leaking, '--format', 'sarif').out) as {
      runs: { results: { ruleId: string; locations: object[] }[] }[]
    }
    assert(valid(log), JSON.stringify(valid.errors))
    const result = log.runs[0]!.results.find(({ ruleId }) => ruleId === 'breaks')!
    assert.deepEqual(result.locations, [
      { physicalLocation: { artifactLocation: { uri: path, uriBaseId: 'SOURCES' }, region: { startLine: 2 } } },
    ])
  })

  it('keeps to what b4 reads: one object or nothing, lines like checkpatch, and never a word on stderr', () => {
    const check = run(leaking, '--b4', '--url', 'https://example.org/report')
    const told = JSON.parse(check.out) as Record<string, string>
    assert.deepEqual(Object.keys(told), ['tool', 'status', 'summary', 'url', 'details'])
    assert.deepEqual([told.tool, told.status, told.url], ['thawproof', 'fail', 'https://example.org/report'])
    assert.match(told.summary!, /the variant array-leaked now, with the base before\b.* \(in linux 9\.1\.2\)$/)
    const terse = run(leaking, '--terse')
    assert.match(terse.out, /^-:1: ERROR: thawproof: virtio-blk: breaks array-allocated-once, holds -> violated in 20/)
    for (const line of terse.out.trimEnd().split('\n')) assert.match(line, /^-:\d+: (ERROR|WARNING): thawproof: \S/)
    const cover = mailOf({ subject: '[PATCH 0/2] virtio-blk: to and fro' })
    const quiet = change('return disk->index;', 'return disk->index + 1;')
    for (const input of [cover, quiet])
      for (const way of ['--b4', '--terse']) assert.deepEqual(run(input, way), { code: 0, out: '', err: '' })
    const wrong = run(leak.replace('kfree', 'kvfree'), '--terse')
    assert.match(wrong.out, /^-:1: WARNING: thawproof: not reviewed: .*does not apply/)
    assert.equal(wrong.err, '')
    assert.match(
      (JSON.parse(run('hello', '--b4').out) as Record<string, string>).summary!,
      /not reviewed: .*neither a mail/,
    )
  })

  it('tells what is wrong with its input in a sentence, and ends with 2', () => {
    const wrong = (input: string, ...args: string[]): string => {
      const { code, out, err } = run(input, ...args)
      assert.equal(code, 2, err)
      assert.equal(out, '')
      assert.doesNotMatch(err, /\n {4}at /)
      return err
    }
    assert.match(wrong('hello'), /neither a mail, nor an mbox, nor a diff/)
    assert.match(wrong(mailOf({})), /has no patch in it/)
    assert.match(wrong(mailOf({ subject: '[PATCH 0/2] two' })), /is a cover letter/)
    assert.match(
      wrong(leaking.slice(0, leaking.indexOf(' \treturn 0'))),
      /is a hunk of which \d lines? (is|are) missing\n {2}the mail is cut off/,
    )
    assert.match(
      wrong(leak.replace('kfree', 'kvfree')),
      /hunk 1 of 1, at line 9: does not apply: it expects: kvfree\(disk->vqs\);/,
    )
    assert.match(wrong(leak.replaceAll('virtio_blk.c', 'virtio_bulk.c')), /there is no such file in linux 9\.1\.2/)
    assert.match(wrong('', join(folder, 'nothing.mbox')), /there is no such file/)
    assert.match(wrong('', folder), /is a folder, and no maildir/)
    assert.match(wrong(leak, '--tree', join(folder, 'nowhere')), /does not exist/)
    assert.match(wrong(leak, '--at', 'abc'), /is no commit that \. knows/)
  })

  it('goes through two hundred patches, one on top of the other', () => {
    let [text, mails] = [disk, '']
    for (let i = 1; i <= 200; i++) {
      const next = text.replace(/return disk->index.*;/, `return disk->index + ${i};`)
      const mail = mailOf({
        subject: `[PATCH ${i}/200] virtio-blk: count to ${i}`,
        id: `${i}@toy`,
        diff: diffOf(text, next, path),
      })
      mails += mboxOf([mail])
      text = next
    }
    const { code, out } = run(mails, '--format', 'json')
    assert.equal(code, 0)
    assert.equal((JSON.parse(out) as Review).patches.length, 200)
  })

  it('reads a tree at the commit that the mail was made on, where git knows it', () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
        cwd: folder,
        encoding: 'utf8',
      })
    git('init', '-q')
    git('add', path)
    git('commit', '-qm', 'one')
    const base = git('rev-parse', 'HEAD').trim()
    write(path, disk.replace('\tkfree(disk->vqs);\n', '\tkvfree(disk->vqs);\n'))
    assert.equal(run(leaking).code, 2)
    const named = leaking.replace('Because.', `Because.\n\nbase-commit: ${base}`)
    const { code, out } = run(named)
    assert.equal(code, 1)
    assert.match(out, new RegExp(`held against commit ${base.slice(0, 12)}:`))
    assert.equal(run(leaking, '--at', 'HEAD').code, 1)
    write(path, disk)
    rmSync(join(folder, '.git'), { recursive: true })
  })
})
