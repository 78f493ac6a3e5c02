/** Patch mails read: encodings, mailboxes, series, and diffs that did not survive the post. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { filesOf } from '../src/match/mail/diff.js'
import { messagesOf, type Message } from '../src/match/mail/mailbox.js'
import { seriesOf } from '../src/match/mail/series.js'
import { diffOf, driver, inBase64, mailOf, mboxOf, path, quoted } from './patch-mails.js'

const read = (text: string): Promise<readonly Message[]> => messagesOf(Buffer.from(text, 'utf8'), 'in.mbox')

/** A line with all that quoted-printable has to hide: an equals sign, a tab, a blank at its end, a letter of two bytes. */
const changed = driver.replace('toy_reset(toy);', 'toy->state = TOY_RESET; /* für immer */ ')
const diff = diffOf(driver, changed)
const mail = mailOf({ diff })

describe('patch mails', () => {
  it('are one text, however they are encoded', async () => {
    const forms = {
      plain: mail,
      'CR LF': mail.replace(/\n/g, '\r\n'),
      quoted: quoted(mail),
      'quoted with CR LF': quoted(mail).replace(/\n/g, '\r\n'),
      base64: inBase64(mail),
      diff,
      'one of git format-patch': mboxOf(
        [mail],
        'From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001',
      ),
    }
    const wanted = filesOf(mail, 'mail')
    assert.deepEqual(
      wanted[0]!.hunks[0]!.lines.filter((line) => /^[-+]/.test(line)),
      ['-\ttoy_reset(toy);', '+\ttoy->state = TOY_RESET; /* für immer */ '],
    )
    for (const [form, text] of Object.entries(forms)) {
      const [message, ...more] = await read(text)
      assert.equal(more.length, 0, form)
      assert.deepEqual(filesOf(message!.body, 'mail'), wanted, form)
    }
  })

  it('are found where they are attached, and in the charset that they say', async () => {
    const latin = Buffer.from(mail.replace('\n\n', '\nContent-Type: text/plain; charset=ISO-8859-1\n\n'), 'latin1')
    assert.match((await messagesOf(latin, 'in'))[0]!.body, /für immer/)
    const parts = [
      'From: A <a@example.org>\nSubject: [PATCH] toy\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n',
      '--cut\nContent-Type: text/plain\n\nSee the attachment.\n',
      `--cut\nContent-Type: text/x-patch; name=toy.patch\nContent-Disposition: attachment; filename=toy.patch\nContent-Transfer-Encoding: base64\n\n${Buffer.from(diff).toString('base64')}\n`,
      '--cut--\n',
    ]
    assert.equal(seriesOf(await read(parts.join('\n')), 'in').patches[0]!.files[0]!.to, path)
  })

  it('are told apart in a mailbox by lines that separate, not by a sentence that begins with From', async () => {
    const tricky = mailOf({ diff, text: 'From the start this was wrong:\nFrom here to 2013\nit was read twice.' })
    const three = mboxOf([tricky, mail, tricky])
    assert.equal((await read(three)).length, 3)
    assert.match((await read(three))[2]!.body, /From here to 2013/)
  })

  it('are unescaped in an mboxrd only', async () => {
    const text = mailOf({ text: '>From the start.', diff })
    assert.match((await read(mboxOf([text], 'From mboxrd@z Thu Jan  1 00:00:00 1970')))[0]!.body, /^From the start/m)
    assert.match((await read(mboxOf([text])))[0]!.body, /^>From the start/m)
  })

  it('are refused when they are none', async () => {
    await assert.rejects(read(' \n'), /in\.mbox: is empty/)
    await assert.rejects(
      read('hello\nworld\n'),
      /neither a mail, nor an mbox, nor a diff\n {2}its first line is: hello/,
    )
    assert.throws(() => seriesOf([], 'in.mbox'), /has no patch in it/)
    const [answer] = await read(mailOf({ subject: 'Re: [PATCH] toy', text: diff.replace(/^/gm, '> ') }))
    assert.throws(() => seriesOf([answer!], 'in.mbox'), /has no patch in it/)
  })
})

describe('a series', () => {
  const part = (number: number, mark = '', text = 'Because.'): string =>
    mailOf({
      subject: `[PATCH ${mark}${number}/3] toy: part ${number}`,
      id: `${mark}${number}@toy`,
      text,
      diff: number === 0 ? '' : diff,
    })

  it('is put in order, with its cover letter, and without what is not of it', async () => {
    const answer = mailOf({ subject: 'Re: [PATCH v2 1/3] toy: part 1', text: '> quoted\nNo, so:', diff })
    const base = 'base-commit: 0123456789abcdef0123456789abcdef01234567'
    const all = [
      part(3, 'v2 '),
      part(1),
      answer,
      part(0, 'v2 ', `What it is for.\n\n${base}`),
      part(1, 'v2 '),
      part(2, 'v2 '),
      part(2, 'v2 '),
    ]
    const series = seriesOf(await read(mboxOf(all)), 'in.mbox')
    assert.equal(series.title, 'toy: part 0')
    assert.equal(series.version, 2)
    assert.equal(series.base, '0123456789abcdef0123456789abcdef01234567')
    assert.deepEqual(
      series.patches.map(({ message }) => message.subject),
      ['toy: part 1', 'toy: part 2', 'toy: part 3'],
    )
    assert.deepEqual(series.missing, [])
    assert.deepEqual(
      series.passed.map(({ message, why }) => `${message.place} ${why}`),
      [
        'in.mbox, message 2 is of version 1',
        'in.mbox, message 3 is an answer',
        'in.mbox, message 7 has the number of another one',
      ],
    )
  })

  it('says which patches are missing; a cover letter alone has none, and one patch alone is enough', async () => {
    assert.deepEqual(seriesOf(await read(mboxOf([part(1), part(3)])), 'in').missing, [2])
    assert.deepEqual(seriesOf(await read(part(0)), 'in').patches, [])
    assert.deepEqual(seriesOf(await read(part(2)), 'in').missing, [])
  })

  it('of two hundred patches is read in a moment', async () => {
    const many = Array.from({ length: 200 }, (_, i) =>
      mailOf({ subject: `[PATCH ${i + 1}/200] toy: part ${i + 1}`, diff }),
    )
    const began = process.cpuUsage().user
    assert.equal(seriesOf(await read(mboxOf(many)), 'in').patches.length, 200)
    assert(process.cpuUsage().user - began < 5e6)
  })
})

describe('the diff in a mail', () => {
  const files = (text: string): ReturnType<typeof filesOf> => filesOf(text, 'in')

  it('tells new, deleted, renamed and copied files, modes, and binary contents', () => {
    const told = files(
      [
        'diff --git a/new.c b/new.c\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/new.c\n@@ -0,0 +1 @@\n+int x;',
        'diff --git a/old.c b/old.c\ndeleted file mode 100644\nindex 1111111..0000000\n--- a/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int x;',
        'diff --git a/a b.c b/c d.c\nsimilarity index 100%\nrename from a b.c\nrename to c d.c',
        'diff --git a/one.c b/two.c\nsimilarity index 90%\ncopy from one.c\ncopy to two.c\n--- a/one.c\n+++ b/two.c\n@@ -1 +1 @@\n-int x;\n+int y;',
        'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755',
        'diff --git a/logo.png b/logo.png\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ-+x\n\nliteral 2\nJcmY+x\n',
        'diff --git a/other.png b/other.png\nindex 1..2 100644\nBinary files a/other.png and b/other.png differ',
        'diff --git "a/f\\303\\274r.c" "b/f\\303\\274r.c"\n--- "a/f\\303\\274r.c"\n+++ "b/f\\303\\274r.c"\n@@ -1 +1 @@\n-int x;\n+int y;',
      ].join('\n') + '\n-- \n2.43.0\n',
    )
    assert.deepEqual(
      told.map(({ kind, from, to, binary, mode, hunks }) => [kind, from, to, binary, mode, hunks.length]),
      [
        ['create', null, 'new.c', false, null, 1],
        ['delete', 'old.c', null, false, null, 1],
        ['rename', 'a b.c', 'c d.c', false, null, 0],
        ['copy', 'one.c', 'two.c', false, null, 1],
        ['change', 'run.sh', 'run.sh', false, '100644 → 100755', 0],
        ['change', 'logo.png', 'logo.png', true, null, 0],
        ['change', 'other.png', 'other.png', true, null, 0],
        ['change', 'für.c', 'für.c', false, null, 1],
      ],
    )
  })

  it('ends where its hunks end: a line that is taken away may look like a signature, and like the head of a file', () => {
    const odd = 'a\n- \n-- old\nb\nc\n'
    const [file] = files(`Text.\n\n${diffOf(odd, 'a\nb\nc\n')}-- \n2.43.0\n`)
    assert.deepEqual(file!.hunks[0]!.lines, [' a', '-- ', '--- old', ' b', ' c'])
  })

  it('is cut off, wrapped or miscounted: the place is told', () => {
    const lines = diff.split('\n')
    assert.throws(
      () => files(lines.slice(0, -4).join('\n')),
      /^Mistake: in, line 4 of the text: is a hunk of which 3 lines are missing\n {2}the mail is cut off/,
    )
    assert.throws(
      () => files(diff.replace(' für', '\nfür')),
      /line 10 of the text: is no line of a hunk: für immer .*\n {2}was the mail wrapped/,
    )
    assert.throws(() => files(diff.replace(/^ \treturn 0;\n/m, '')), /is (?:a hunk of which|no line of a hunk)/)
    assert.throws(() => files(`${diff}+\tone_too_many();\n`), /belongs to no hunk: \+\tone_too_many/)
    assert.throws(() => files('diff --cc a.c\nindex 1,2..3\n'), /is a merge/)
  })

  it('is never misread: cut anywhere, it is told to be cut off, or says what it did before', () => {
    const whole = mail.slice(mail.indexOf('\n\n') + 2)
    const end = whole.indexOf('\n-- \n') + 1
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end - 2 }), (cut) => {
        const text = whole.slice(0, cut)
        let told: ReturnType<typeof filesOf>
        try {
          told = files(text)
        } catch (error) {
          assert.match(String(error), /^Mistake: /)
          return
        }
        for (const { hunks } of told)
          for (const { oldLines, newLines, lines } of hunks) {
            assert.equal(lines.filter((line) => /^[ -]/.test(line)).length, oldLines)
            assert.equal(lines.filter((line) => /^[ +]/.test(line)).length, newLines)
          }
      }),
    )
  })
})
