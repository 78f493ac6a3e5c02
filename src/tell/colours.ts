/** The colours of everything that is drawn or read in a browser, in light and in dark: diagrams, the report, the site. */

/** Each in light and in dark; what is read keeps 4.5 : 1 to the papers that it stands on, what is only seen 3 : 1. */
export const colours = {
  ink: ['#1c2126', '#e4e8ec'],
  soft: ['#59636e', '#a3adb8'],
  paper: ['#ffffff', '#14181c'],
  sunk: ['#f3f5f7', '#1e242a'],
  line: ['#d5dae0', '#38414a'],
  lane: ['#8a939c', '#6b7681'],
  bad: ['#b3261e', '#ff8a80'],
  'bad-paper': ['#fdecea', '#3a1c1a'],
  good: ['#1a7337', '#7fd698'],
  // Green and red are for what is as claimed, or not; this is for violations that were found, claimed or not.
  found: ['#7a2f9a', '#d9a7f0'],
  'found-paper': ['#f6ecfa', '#33203c'],
  mark: ['#0b57a4', '#8ec2ff'],
  'mark-paper': ['#e6f0fb', '#1a2f45'],
  log: ['#7a5200', '#e5c07b'],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>

/** Style rules that make variables of some colours, by the names that they are to have: `var(--ink)`. */
export function variablesOf(named: Readonly<Record<string, readonly [light: string, dark: string]>>): string {
  const shades = (i: 0 | 1): string =>
    `:root{${Object.entries(named)
      .map(([name, pair]) => `--${name}:${pair[i]}`)
      .join(';')}}`
  return `${shades(0)}@media(prefers-color-scheme:dark){${shades(1)}}`
}
