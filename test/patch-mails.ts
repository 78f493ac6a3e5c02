/** Patch mails for tests: a driver of our own, changes of it, and the many forms in which a mail carries them. */

import { createTwoFilesPatch } from 'diff'

/** A driver that suspends and resumes; nobody's code. */
export const driver = `/* A toy that sleeps. */
#include <linux/toy.h>

static int toy_suspend(struct device *dev)
{
	struct toy *toy = to_toy(dev);
	int err;

	toy_stop_queue(toy);
	err = toy_drain(toy);
	if (err)
		goto out_start;
	toy_reset(toy);
	return 0;

out_start:
	toy_start_queue(toy);
	return err;
}

static void toy_resume(struct device *dev)
{
	struct toy *toy = to_toy(dev);

	toy_setup(toy);
	toy_start_queue(toy);
}

static const struct dev_pm_ops toy_ops = {
	.suspend = toy_suspend,
	.resume = toy_resume,
};
`

/** The driver's path. */
export const path = 'drivers/toy/toy.c'

/** A diff as git writes it. */
export function diffOf(before: string, after: string, file = path): string {
  const body = createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after, '', '', { context: 3 })
  return `diff --git a/${file} b/${file}\n${body.replace(/^=+\n/, '')}`
}

/** What can be said of a mail. */
export interface Mail {
  readonly subject?: string
  readonly text?: string
  readonly diff?: string
  readonly headers?: readonly string[]
  readonly id?: string
}

/** A mail without an mbox line, as plain text in seven or eight bits. */
export function mailOf({
  subject = '[PATCH] toy: a change',
  text = 'Because.',
  diff = '',
  headers = [],
  id = '1@toy',
}: Mail): string {
  return [
    'From: A Toymaker <maker@example.org>',
    `Subject: ${subject}`,
    `Message-ID: <${id}>`,
    'Date: Mon, 30 Nov 2026 12:00:00 +0000',
    ...headers,
    '',
    text,
    '',
    'Signed-off-by: A Toymaker <maker@example.org>',
    ...(diff === ''
      ? []
      : [
          '---',
          ' drivers/toy/toy.c | 2 +-',
          ' 1 file changed, 1 insertion(+), 1 deletion(-)',
          '',
          diff.replace(/\n$/, ''),
        ]),
    '-- ',
    '2.43.0',
    '',
  ].join('\n')
}

/** The mail with its body in quoted-printable, as many mail programs send it. */
export const quoted = (mail: string): string =>
  encoded(mail, 'quoted-printable', (body) =>
    body
      .split('\n')
      .map((line) =>
        line
          .replace(/=/g, '=3D')
          .replace(/\t/g, '=09')
          .replace(/[ ]$/, '=20')
          .replace(/(.{70})(?=.)(?!=)/g, '$1=\n'),
      )
      .join('\n'),
  )

/** The mail with its body in base64. */
export const inBase64 = (mail: string): string =>
  encoded(mail, 'base64', (body) =>
    Buffer.from(body)
      .toString('base64')
      .replace(/(.{76})/g, '$1\n'),
  )

function encoded(mail: string, encoding: string, encode: (body: string) => string): string {
  const at = mail.indexOf('\n\n')
  const head = `${mail.slice(0, at)}\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: ${encoding}`
  return `${head}\n\n${encode(mail.slice(at + 2))}`
}

/** Mails as one mbox, with the line that each begins with. */
export const mboxOf = (mails: readonly string[], line = 'From git@z Thu Jan  1 00:00:00 1970'): string =>
  mails.map((mail) => `${line}\n${mail}\n`).join('')
