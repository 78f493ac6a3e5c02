// The overview of a comparison: what becomes of each property, the edits, and the behaviours that come and go.

const [before, after] = data.variants
byId('summary').append(data.summary)

const linkTo = (variant, what, text) => h('a', { href: addressOf(data.protocol, variant, what) }, text)

function variantElement({ name, size, cut, parameters, patches }) {
  return h(
    'div',
    { class: 'claim' },
    h('h3', {}, name),
    h('span', { class: 'soft' }, `  ${size}${cut === null ? '' : `, not searched completely: ${cut}`}`),
    parameters.length === 0 ? [] : h('p', { class: 'soft mono' }, parameters.join(' ')),
    h(
      'ul',
      {},
      patches.map(({ name: patch, says, reference }) =>
        h('li', {}, h('code', {}, patch), ` ${says}${reference === null ? '' : ` (${reference})`}`),
      ),
    ),
  )
}

const styles = {
  fixes: 'good',
  breaks: 'bad',
  'makes vacuous': 'bad',
  'leaves open': 'bad',
  'asks of one': 'bad',
  keeps: 'soft',
}

function changeRow({ property, says, change, was, is, variant }) {
  const cell = ({ verdict, text }, name) => {
    const told = `${signs[verdict]} ${text}`
    const style = verdict === 'violated' ? 'violated' : null
    return h('td', { class: style }, name === variant ? linkTo(name, property, told) : told)
  }
  return h(
    'tr',
    { 'data-change': change },
    h('th', { scope: 'row' }, h('code', {}, property), h('div', { class: 'soft' }, says)),
    h('td', { class: styles[change] }, change),
    cell(was, before.name),
    cell(is, after.name),
  )
}

const order = ['breaks', 'makes vacuous', 'leaves open', 'asks of one', 'fixes', 'keeps']
const rows = order.flatMap((change) => data.changes.filter((one) => one.change === change).map(changeRow))
const matrix = h(
  'table',
  { class: 'verdicts' },
  h(
    'thead',
    {},
    h(
      'tr',
      {},
      ['Property', `${after.name} …`, before.name, after.name].map((text) => h('th', { scope: 'col' }, text)),
    ),
  ),
  h('tbody', {}, rows),
)
const show = h(
  'select',
  { id: 'show' },
  h('option', { value: 'changed' }, 'what changes or stays open'),
  h('option', { value: 'all' }, 'all properties'),
)
function filter() {
  for (const row of rows) row.hidden = show.value === 'changed' && row.dataset.change === 'keeps'
}
show.addEventListener('change', filter)
filter()

function stepLines({ sign, name, origin, moved, fields, ways }, indent = '') {
  const where = origin.kind === 'source' ? `${origin.symbol}, ${origin.file}` : origin.says
  const line = (mark, text, more = []) =>
    h('div', { class: mark === '+' ? 'added' : mark === '-' ? 'gone' : null }, `${mark} ${indent}${text}`, more)
  return [
    line(
      sign === '~' ? ' ' : sign,
      moved ? `${name}, moved` : name,
      indent === '' ? h('span', { class: 'soft' }, `  ${where}`) : [],
    ),
    ...fields.flatMap((field) => {
      const [first, ...rest] = field.text.split('\n')
      return [line(field.sign, `    ${field.field}: ${first}`), ...rest.map((text) => line(field.sign, `    ${text}`))]
    }),
    ...ways.flatMap((way) => stepLines(way, `${indent}  `)),
  ]
}

/** The steps of a part as a diff; what is the same is told only beside what is not. */
function partElement({ name, actor, steps }) {
  const near = (i) => steps.slice(Math.max(0, i - 1), i + 2).some(({ sign }) => sign !== ' ')
  const lines = steps.flatMap((step, i) =>
    near(i) ? stepLines(step) : near(i - 1) ? [h('div', { class: 'soft' }, '  …')] : [],
  )
  return h(
    'div',
    {},
    h('h3', {}, name, h('span', { class: 'soft' }, `  ${actor}`)),
    scrolling(`Edits of ${name}`, h('pre', { class: 'diff' }, lines)),
  )
}

function behaviourElement(title, found) {
  const told =
    found.kind === 'none'
      ? h('p', {}, 'No behaviour.')
      : found.kind === 'unknown'
        ? h('p', { class: 'bad' }, `Not known: ${found.says}.`)
        : [
            h(
              'p',
              {},
              'For example, in ',
              linkTo(found.variant, found.what, `${found.steps.length} steps`),
              `. ${found.says}`,
            ),
            h('p', { class: 'mono' }, found.steps.join(' → ')),
          ]
  return h('div', {}, h('h3', {}, title), told)
}

const at = data.initially.map(({ field, before: was, after: is }) =>
  h('li', { class: 'mono' }, `${field}: ${was} → ${is}`),
)
byId('overview').append(
  h('p', { class: 'soft' }, data.question),
  h('h2', {}, 'Variants'),
  variantElement(before),
  variantElement(after),
  h('h2', {}, 'Verdicts'),
  h('div', { class: 'tools' }, h('label', {}, 'Show ', show)),
  scrolling('Verdicts', matrix),
  h('h2', {}, 'Edits'),
  data.byText ? h('p', {}, 'The two have other parameters, so code that is written alike counts as the same.') : '',
  ...(at.length === 0 ? [] : [h('h3', {}, 'At first'), h('ul', {}, at)]),
  ...data.parts.map(partElement),
  at.length + data.parts.length === 0 ? h('p', {}, 'None.') : '',
  h('h2', {}, 'Behaviours'),
  h('p', { class: 'soft' }, 'A behaviour is the sequence of those steps that both variants know by name.'),
  behaviourElement(`What ${after.name} adds`, data.adds),
  behaviourElement(`What ${after.name} removes`, data.removes),
)
