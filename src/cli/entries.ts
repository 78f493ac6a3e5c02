/** What a model may import of this package, as package.json exports it: modules seen from here, without the ends of their names. */

export const entries: Readonly<Record<string, string>> = {
  thawproof: '../index',
  'thawproof/check': '../check',
  'thawproof/walk': '../walk',
  'thawproof/log': '../log',
  'thawproof/kernel': '../kernel',
  'thawproof/templates': '../../properties/templates',
}
