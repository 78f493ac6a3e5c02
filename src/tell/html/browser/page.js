'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const byId = (id) => document.getElementById(id)

/** An element; text is always text, never markup. */
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(key, value)
  element.append(...children.flat())
  return element
}

/** A table too wide for the page scrolls by itself. */
const scrolling = (label, table) =>
  h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': label }, table)

const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value))
const addressOf = (...parts) => '#/' + parts.map(encodeURIComponent).join('/')
const signs = { holds: '·', vacuous: '–', trivial: '≡', unknown: '?', violated: '✗' }

function showOverview() {
  closeTrace()
  byId('detail').hidden = true
  byId('overview').hidden = false
}

function route() {
  const parts = location.hash.slice(2).split('/').map(decodeURIComponent)
  const trace = parts.length === 3 ? data.traces[parts.join('/')] : undefined
  if (trace) openTrace(parts, trace)
  else showOverview()
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const search = byId('search')
  if (stepByKey(event.key)) event.preventDefault()
  else if (event.key === 'Escape' && !byId('detail').hidden) location.hash = '#'
  else if (event.key === '/' && search && byId('detail').hidden && document.activeElement !== search) {
    search.focus()
    event.preventDefault()
  }
})
addEventListener('hashchange', route)
// The scripts that follow fill the overview first.
addEventListener('DOMContentLoaded', route)
