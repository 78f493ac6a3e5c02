/** A command to be typed in a terminal: selected with one click. */

import type { JSX } from 'preact'

/** The command as text. */
export const Command = ({ text }: { text: string }): JSX.Element => <code class="command">{text}</code>
