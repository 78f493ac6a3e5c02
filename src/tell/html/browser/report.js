// The overview of a check: protocols, their claims, and what of them does not simply hold.

byId('overview').append(
  h(
    'form',
    { class: 'tools', id: 'tools' },
    h('label', {}, 'Search ', h('input', { id: 'search', type: 'search', placeholder: 'instance, property, words' })),
    h(
      'label',
      {},
      'Show ',
      h(
        'select',
        { id: 'show' },
        h('option', { value: 'all' }, 'all instances'),
        h('option', { value: 'unmet' }, 'not as claimed'),
        h('option', { value: 'violated' }, 'something violated'),
        h('option', { value: 'bugs' }, 'bugs of the corpus'),
      ),
    ),
    h('span', { id: 'found', class: 'soft', role: 'status' }),
  ),
  h(
    'p',
    { class: 'soft' },
    h('span', { class: 'good' }, '✓ as claimed'),
    ', ',
    h('span', { class: 'bad' }, '✗ not as claimed'),
    ': what was found is what the spec says, or is not. What was found: ',
    h('span', { class: 'chip violated' }, `${signs.violated} property 12`),
    ` violated in a shortest run of 12 steps; ${signs.vacuous} vacuous, ${signs.trivial} trivial, ${signs.unknown} unknown; the rest holds.`,
  ),
  h('div', { id: 'protocols' }),
  h(
    'p',
    { class: 'soft' },
    'Keys: ',
    h('kbd', {}, '/'),
    ' search; in a trace ',
    h('kbd', {}, '↓'),
    ' ',
    h('kbd', {}, '↑'),
    ' step, ',
    h('kbd', {}, 'm'),
    ' next marked step, ',
    h('kbd', {}, 'Esc'),
    ' back.',
  ),
)

function textOf({ protocol, instance, says, corpus, patches, verdicts }) {
  const told = verdicts.filter(({ verdict }) => verdict !== 'holds').map(({ property }) => property)
  return [protocol, instance, says, corpus ?? '', ...patches, ...told].join(' ').toLowerCase()
}

function verdictElement(claim, { property, verdict, traceLength }) {
  const text = `${signs[verdict]} ${property}${traceLength === null ? '' : ` ${traceLength}`}`
  const key = `${claim.protocol}/${claim.instance}/${property}`
  if (!(key in data.traces)) return h('span', { class: `chip ${verdict}` }, text)
  const href = addressOf(claim.protocol, claim.instance, property)
  return h('a', { class: `chip ${verdict}`, href }, text)
}

/** What says nothing here, and what was not tried whole: beside the verdicts, so that nobody takes it for more. */
function cautions({ verdicts, untried = [] }) {
  const trivial = verdicts.filter(({ verdict }) => verdict === 'trivial')
  const names =
    untried.length > 0 ? [`not tried whole, only those names were looked up that were met: ${untried.join(', ')}`] : []
  return [...trivial.map(({ property, why }) => `trivial: ${property}: ${why}`), ...names]
}

function claimElement(claim) {
  const met = claim.differences.length === 0
  const holding = claim.verdicts.filter(({ verdict }) => verdict === 'holds').length
  const others = claim.verdicts.filter(({ verdict }) => verdict !== 'holds')
  const size = `${claim.states.toLocaleString('en-US')} states`
  const kind = claim.corpus === null ? '' : ` · ${claim.form} ${claim.corpus}, ${claim.evidence}`
  return h(
    'div',
    { class: 'claim', 'data-instance': `${claim.protocol}/${claim.instance}` },
    h('span', { class: met ? 'good' : 'bad' }, met ? '✓ as claimed ' : '✗ not as claimed '),
    h('h3', {}, claim.instance),
    h('span', { class: 'soft' }, `  ${size}${claim.complete ? '' : ', incomplete'}${kind}`),
    h('p', {}, claim.says),
    claim.differences.map((text) => h('p', { class: 'bad' }, `Not as claimed: ${text}`)),
    cautions(claim).map((text) => h('p', { class: 'soft' }, text)),
    h(
      'ul',
      { class: 'chips' },
      h('li', {}, h('span', { class: 'chip' }, `${holding} ${holding === 1 ? 'holds' : 'hold'}`)),
      others.map((one) => h('li', {}, verdictElement(claim, one))),
    ),
    claim.scenarios.length === 0
      ? []
      : h(
          'ul',
          { class: 'scenarios' },
          claim.scenarios.map((one) => scenarioElement(claim, one)),
        ),
  )
}

/** A run that must be possible, with the way to it, or one that must not be. */
function scenarioElement(claim, { name, says, is, found, steps }) {
  const text = found ? `▷ ${name}, ${steps} steps` : `${found === null ? '?' : '⊘'} ${name}, ${is}`
  const key = `${claim.protocol}/${claim.instance}/${name}`
  const link = key in data.traces
  const shown = link
    ? h('a', { class: 'chip', href: addressOf(claim.protocol, claim.instance, name) }, text)
    : h('span', { class: 'chip' }, text)
  return h('li', {}, shown, ` ${says}`)
}

function matrixElement(claims) {
  const names = [...new Set(claims.flatMap(({ verdicts }) => verdicts.map(({ property }) => property)))]
  const cell = (claim, { property, verdict, traceLength }) => {
    const text = signs[verdict] + (traceLength === null ? '' : ` ${traceLength}`)
    if (!(`${claim.protocol}/${claim.instance}/${property}` in data.traces)) return text
    return h('a', { href: addressOf(claim.protocol, claim.instance, property) }, text)
  }
  const row = (claim) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, claim.instance),
      names.map((name) => {
        const one = claim.verdicts.find(({ property }) => property === name)
        return h('td', { class: one?.verdict === 'violated' ? 'violated' : null }, one ? cell(claim, one) : '')
      }),
    )
  const head = h(
    'tr',
    {},
    h('td'),
    names.map((name) => h('th', { scope: 'col' }, name)),
  )
  return h(
    'details',
    {},
    h('summary', {}, 'Matrix of instances and properties'),
    scrolling('Matrix', h('table', { class: 'matrix' }, h('thead', {}, head), h('tbody', {}, claims.map(row)))),
  )
}

const entries = data.claims.map((claim) => ({ claim, element: claimElement(claim), text: textOf(claim) }))
const groups = [...new Set(data.claims.map(({ protocol }) => protocol))].map((protocol) => {
  const own = entries.filter(({ claim }) => claim.protocol === protocol)
  const element = h(
    'section',
    {},
    h('h2', {}, protocol),
    h('p', { class: 'soft' }, data.questions[protocol]),
    matrixElement(own.map(({ claim }) => claim)),
    own.map(({ element }) => element),
  )
  return { element, own }
})
byId('protocols').append(...groups.map(({ element }) => element))
byId('summary').append(h('span', { class: data.met ? 'good' : 'bad' }, data.summary))

const wanted = {
  all: () => true,
  unmet: ({ differences }) => differences.length > 0,
  violated: ({ verdicts }) => verdicts.some(({ verdict }) => verdict === 'violated'),
  bugs: ({ form }) => form === 'buggy',
}

function filter() {
  const words = byId('search').value.toLowerCase().split(/\s+/)
  const wants = wanted[byId('show').value]
  for (const { claim, element, text } of entries)
    element.hidden = !wants(claim) || !words.every((word) => text.includes(word))
  for (const { element, own } of groups) element.hidden = own.every((entry) => entry.element.hidden)
  const left = entries.filter(({ element }) => !element.hidden).length
  byId('found').textContent = `${left} of ${entries.length} instances`
}
byId('search').addEventListener('input', filter)
byId('show').addEventListener('change', filter)
byId('tools').addEventListener('submit', (event) => event.preventDefault())
filter()
