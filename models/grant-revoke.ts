/** One grant: a frontend that ends access while a backend, which is not trusted, may map the page at any moment. */

import { environment, oneOf, over, record, source, system } from '../src/index.js'

export const state = record({
  /** The entry in the guest's grant table. */
  grant: oneOf('granted', 'ended'),
  /** The backend has the page mapped: the entry is in use. */
  mapped: oneOf('no', 'yes'),
  /** Who has the page: the driver, the deferred list, nobody for ever, the free list, or somebody else in the guest. */
  page: oneOf('driver', 'deferred', 'leaked', 'free', 'reused'),
})

const { model, thread, step, action, patch, edit } = over(state)

const grantTable = 'drivers/xen/grant-table.c'

export default model('grant-revoke', {
  question: 'Can a page that a frontend takes back still be written by a backend?',
  actors: {
    frontend: system('a driver that ends access to a page'),
    backend: environment('a backend that maps and unmaps when it likes'),
    guest: system('the guest’s memory management'),
  },
  initial: () => ({ grant: 'granted', mapped: 'no', page: 'driver' }),
  parts: () => [
    thread(
      'end_access',
      { actor: 'frontend' },
      step('gnttab_try_end_foreign_access', {
        origin: source(grantTable, 'gnttab_try_end_foreign_access'),
        says: 'Ends access and tells whether the entry was in use, in one compare-and-exchange.',
        either: {
          ended: {
            when: (s) => s.mapped === 'no',
            then: (d) => {
              d.grant = 'ended'
              d.page = 'free'
            },
            goto: 'end',
          },
          in_use: {
            when: (s) => s.mapped === 'yes',
            says: 'The page goes on the deferred list.',
            log: () => ['xen:grant_table: WARNING: g.e. still in use!', 'deferring g.e.'],
            then: (d) => {
              d.page = 'deferred'
            },
          },
        },
      }),
      step('gnttab_handle_deferred', {
        origin: source(grantTable, 'gnttab_handle_deferred'),
        says: 'The timer tries again, once the backend has let go.',
        when: (s) => s.mapped === 'no',
        log: 'freeing g.e.',
        then: (d) => {
          d.grant = 'ended'
          d.page = 'free'
        },
        goto: 'end',
      }),
    ),
    action('map', {
      actor: 'backend',
      origin: source('xen/common/grant_table.c', 'map_grant_ref'),
      signals: 'frontend',
      when: (s) => s.grant === 'granted' && s.mapped === 'no',
      then: (d) => {
        d.mapped = 'yes'
      },
    }),
    action('unmap', {
      actor: 'backend',
      origin: source('xen/common/grant_table.c', 'unmap_common'),
      when: (s) => s.mapped === 'yes',
      then: (d) => {
        d.mapped = 'no'
      },
    }),
    action('alloc_page', {
      actor: 'guest',
      origin: source('include/linux/gfp.h', 'alloc_pages'),
      says: 'The free page is given to somebody else.',
      when: (s) => s.page === 'free',
      then: (d) => {
        d.page = 'reused'
      },
    }),
  ],
  patches: [
    patch('before-6b1775f26a2d', {
      kind: 'era',
      says: 'Drivers ask whether the entry is in use, then end access, and go on as if the answer had not changed.',
      reference: '6b1775f26a2d, abf1fd5919d6, 31185df7e2b1 (2022), XSA-396',
      edits: [
        edit.replace('end_access.gnttab_try_end_foreign_access/ended', {
          origin: source(grantTable, 'gnttab_query_foreign_access'),
          says: 'gnttab_query_foreign_access: not in use.',
          then: () => {},
          goto: 'gnttab_end_foreign_access_ref',
        }),
        edit.after(
          'end_access.gnttab_handle_deferred',
          step('gnttab_end_foreign_access_ref', {
            origin: source(grantTable, 'gnttab_end_foreign_access_ref'),
            says: 'Fails if the entry is in use by now; nobody looks.',
            then: (d) => {
              if (d.mapped === 'no') d.grant = 'ended'
              d.page = 'free'
            },
          }),
        ),
      ],
    }),
    patch('freed-twice', {
      kind: 'fault',
      says: 'A page that was given back is put on the deferred list all the same.',
      edits: [edit.replace('end_access.gnttab_try_end_foreign_access/ended', { goto: 'gnttab_handle_deferred' })],
    }),
    patch('before-569ca5b3f94c', {
      kind: 'era',
      says: 'An entry in use is leaked for ever, and its page with it.',
      reference: '569ca5b3f94c (3.5)',
      edits: [
        edit.replace('end_access.gnttab_try_end_foreign_access/in_use', {
          says: 'The entry and the page are given up.',
          log: () => ['WARNING: g.e. still in use!', 'WARNING: leaking g.e. and page still in use!'],
          then: (d) => {
            d.page = 'leaked'
          },
          goto: 'end',
        }),
      ],
    }),
    patch('before-5b4535ea04', {
      kind: 'era',
      says: 'An entry in use is cleared all the same, and the page given back.',
      reference: 'xen.git 5b4535ea04 (2005)',
      edits: [
        edit.replace('end_access.gnttab_try_end_foreign_access/in_use', {
          says: 'A warning, and on as if nothing were wrong.',
          log: 'WARNING: g.e. still in use!',
          then: (d) => {
            d.grant = 'ended'
            d.page = 'free'
          },
          goto: 'end',
        }),
      ],
    }),
  ],
  resting: (s, at) => at('end_access', 'end') && s.page === 'reused' && s.mapped === 'no',
  abstractions: [
    'One page, one entry, one backend: grants do not influence each other.',
    'A backend that only copies (GNTTABOP_copy) holds the entry for the time of the copy, which is a map and an unmap here.',
  ],
})
