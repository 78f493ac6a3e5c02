// A trace: what is said of it, lanes on the left, the state after the chosen step on the right.

let current = null

const keysOf = (field) => [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name]) => index ?? name)

function fieldsOf(value, path = '') {
  const flat = (item) => typeof item !== 'object' || item === null
  if (flat(value) || (Array.isArray(value) && value.every(flat))) return [[path, value]]
  return Object.entries(value).flatMap(([key, inner]) =>
    fieldsOf(inner, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key),
  )
}

function statesOf({ start, steps }) {
  const states = [start]
  for (const { changes } of steps) {
    const next = structuredClone(states.at(-1))
    for (const { field, after } of changes) {
      const keys = keysOf(field)
      const parent = keys.slice(0, -1).reduce((here, key) => here[key], next)
      parent[keys.at(-1)] = after
    }
    states.push(next)
  }
  return states
}

/** Pixels of one lane; on a phone the text needs the room. */
const lane = matchMedia('(max-width: 52rem)').matches ? 12 : 18

/** One row of the lanes, the first so many of them; a step has a dot, and an arrow to the actor that is signalled. */
function laneSvg(actors, step, lanes = actors.length) {
  const space = 'http://www.w3.org/2000/svg'
  const draw = (name, attributes) => {
    const element = document.createElementNS(space, name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    return element
  }
  const x = (actor) => actors.indexOf(actor) * lane + lane / 2
  const svg = draw('svg', { width: actors.length * lane, 'aria-hidden': 'true', stroke: 'currentColor' })
  for (const actor of actors.slice(0, lanes))
    svg.append(draw('line', { x1: x(actor), x2: x(actor), y1: 0, y2: '100%', opacity: 0.3 }))
  if (step) {
    const [from, to] = [x(step.actor), x(step.signals ?? step.actor)]
    if (from !== to) {
      const back = to > from ? -6 : 6
      svg.append(draw('line', { x1: from, x2: to, y1: 13, y2: 13, 'stroke-width': 1.5 }))
      svg.append(draw('polyline', { points: `${to + back},9 ${to},13 ${to + back},17`, fill: 'none' }))
    }
    svg.append(draw('circle', { cx: from, cy: 13, r: 4.5, fill: 'currentColor' }))
  }
  return h('span', { class: 'lanes', style: `width: ${lanes * lane}px` }, svg)
}

/** The actors' names, each beside the top of its lane. */
const legend = (actors) =>
  h(
    'ol',
    { class: 'legend mono', 'aria-label': 'Lanes, from left to right' },
    actors.map((actor, i) =>
      h(
        'li',
        {},
        h('span', { class: 'number' }),
        laneSvg(actors, null, i),
        h('span', { class: 'corner' }, '┌\u00a0'),
        actor,
      ),
    ),
  )

function stepElement({ actors, marks, loop }, step, i) {
  const { origin } = step
  const where = origin.kind === 'source' ? `${origin.file}: ${origin.symbol}` : origin.says
  const mark = marks.find((one) => one.step === i + 1)
  const button = h(
    'button',
    { type: 'button', 'data-step': i + 1, class: mark ? 'marked' : null },
    h('span', { class: 'number', title: mark?.says ?? null }, `${i + 1}${mark?.sign ?? ''}`),
    laneSvg(actors, step),
    h(
      'span',
      { class: 'body mono' },
      h('strong', {}, step.name),
      h('span', { class: 'soft' }, `  ${step.actor} · ${where}`),
      step.changes.map(({ field, before, after }) =>
        h('span', { class: 'change' }, `${field}: ${shown(before)} → ${shown(after)}`),
      ),
      step.log.map((line) => h('span', { class: 'print' }, `» ${line}`)),
    ),
  )
  button.addEventListener('click', () => choose(i + 1))
  const round = loop === i ? [h('p', { class: 'loop' }, '↻ from here it goes round for ever')] : []
  return h('li', {}, round, button)
}

/** The marked steps, each a way there. */
function marksElement(marks) {
  if (marks.length === 0) return []
  const ways = marks.map(({ step, sign, says }) => {
    const button = h('button', { type: 'button', class: 'marked' }, `${step}${sign}`)
    button.addEventListener('click', () => choose(step))
    return h('li', {}, button, ` ${says}`)
  })
  return [h('ul', { class: 'marks', 'aria-label': 'Marked steps' }, ways)]
}

function openTrace([protocol, variant], trace) {
  const { title, says, because, command, actors, marks, steps } = trace
  current = { trace, states: statesOf(trace), step: 0 }
  const previous = h('button', { type: 'button' }, '↑ Previous')
  const next = h('button', { type: 'button', id: 'next' }, '↓ Next')
  previous.addEventListener('click', () => choose(current.step - 1))
  next.addEventListener('click', () => choose(current.step + 1))
  byId('detail').replaceChildren(
    h('p', {}, h('a', { href: '#' }, '← overview')),
    h('h2', { tabindex: '-1', id: 'title' }, `${protocol}/${variant}: ${title}`),
    ...says.map(([label, text]) => h('p', {}, h('strong', {}, `${label}: `), text)),
    ...because.map(({ heading, causes }) =>
      h(
        'div',
        {},
        h('p', { class: 'heading' }, heading),
        h(
          'ul',
          {},
          causes.map((text) => h('li', {}, text)),
        ),
      ),
    ),
    ...(command === '' ? [] : [h('p', {}, h('strong', {}, 'In a terminal: '), h('code', {}, command))]),
    ...marksElement(marks),
    h(
      'div',
      { class: 'trace' },
      h(
        'div',
        {},
        legend(actors),
        h(
          'ol',
          { class: 'steps', 'aria-label': 'Steps' },
          steps.map((step, i) => stepElement(trace, step, i)),
        ),
      ),
      h(
        'aside',
        { 'aria-label': 'State', tabindex: '0' },
        h('div', { class: 'tools' }, previous, next, h('strong', { id: 'where', role: 'status' })),
        h('table', {}, h('tbody', { id: 'state' })),
      ),
    ),
  )
  byId('overview').hidden = true
  byId('detail').hidden = false
  scrollTo(0, 0)
  choose(0)
  byId('title').focus({ preventScroll: true })
}

/** Shows the state after so many steps. */
function choose(step) {
  const { trace, states } = current
  if (step < 0 || step > trace.steps.length) return
  current.step = step
  byId('where').textContent = step === 0 ? 'at the start' : `after step ${step} of ${trace.steps.length}`
  const before = new Map(fieldsOf(states[Math.max(0, step - 1)]).map(([field, value]) => [field, shown(value)]))
  byId('state').replaceChildren(
    ...fieldsOf(states[step]).map(([field, value]) => {
      const [was, now] = [before.get(field), shown(value)]
      const fresh = was !== now
      return h(
        'tr',
        { class: fresh ? 'fresh' : null },
        h('th', { scope: 'row', class: 'mono' }, field),
        h('td', { class: 'mono' }, fresh && was !== undefined ? [h('s', {}, was), ' '] : [], now),
      )
    }),
  )
  byId('state').querySelector('.fresh')?.scrollIntoView({ block: 'nearest' })
  for (const button of document.querySelectorAll('.steps button'))
    if (Number(button.dataset.step) === step) {
      button.setAttribute('aria-current', 'step')
      button.scrollIntoView({ block: 'nearest' })
    } else button.removeAttribute('aria-current')
}

/** Whether a key was a way to another step. */
function stepByKey(key) {
  if (!current) return false
  const { trace, step } = current
  if (['ArrowDown', 'j'].includes(key)) choose(step + 1)
  else if (['ArrowUp', 'k'].includes(key)) choose(step - 1)
  else if (key === 'm') choose((trace.marks.find((mark) => mark.step > step) ?? trace.marks[0])?.step ?? step)
  else return false
  return true
}

function closeTrace() {
  current = null
}
