// Unfolds the ways to other pages where there is room, and filters the tables of the index by words.
'use strict'

const wide = matchMedia('(min-width: 64rem)')
for (const details of document.querySelectorAll('nav details')) details.open = wide.matches

function filterBox() {
  const box = document.createElement('p')
  box.className = 'filter'
  const label = document.createElement('label')
  label.htmlFor = 'filter'
  label.textContent = 'Filter protocols and bugs'
  const input = document.createElement('input')
  Object.assign(input, { id: 'filter', type: 'search', placeholder: 'words: 2014 virtio derived', autocomplete: 'off' })
  const found = document.createElement('span')
  found.setAttribute('role', 'status')
  box.append(label, input, found)
  return { box, input, found }
}

if (document.body.classList.contains('index')) {
  const { box, input, found } = filterBox()
  document.querySelector('h1').after(box)
  const tables = [...document.querySelectorAll('main .wide')].map((region) => ({
    region,
    heading: region.previousElementSibling?.matches('h2, h3') ? region.previousElementSibling : null,
    rows: [...region.querySelectorAll('tbody tr')].map((row) => ({ row, text: row.textContent.toLowerCase() })),
  }))
  const bugs = tables.filter(({ region }) => region.classList.contains('corpus')).flatMap(({ rows }) => rows)
  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
    for (const { region, heading, rows } of tables) {
      for (const { row, text } of rows) row.hidden = !words.every((word) => text.includes(word))
      const none = rows.every(({ row }) => row.hidden)
      region.hidden = none
      if (heading) heading.hidden = none
    }
    for (const list of document.querySelectorAll('main > ul')) list.hidden = words.length > 0
    const left = bugs.filter(({ row }) => !row.hidden).length
    found.textContent = words.length === 0 ? '' : `${left} of ${bugs.length} instances of bugs`
    history.replaceState(null, '', `#${words.length === 0 ? '' : `find=${encodeURIComponent(input.value)}`}`)
  }
  input.addEventListener('input', filter)
  const asked = /^#find=(.*)$/.exec(location.hash)
  if (asked) {
    input.value = decodeURIComponent(asked[1])
    filter()
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && document.activeElement !== input && !event.ctrlKey && !event.metaKey && !event.altKey) {
      input.focus()
      event.preventDefault()
    } else if (event.key === 'Escape' && document.activeElement === input) {
      input.value = ''
      filter()
    }
  })
}
