/** What runtime PM of a supplier must keep: it is on whenever its consumer is not suspended. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/runtime-suppliers.js'

const { always, reachable, possible, leadsTo } = propertiesOver(state)

const properties: Properties = [
  always(
    'supplier-after-consumer',
    'The supplier is off only when the status of the consumer is suspended, or it is just being resumed.',
    {
      when: (s) => s.supplier === 'off',
      holds: (s) => s.status === 'suspended' || s.status === 'resuming',
    },
  ),
  always(
    'dependency-order',
    'A consumer that is powered has its supplier on.',
    (s) => !s.powered || s.supplier === 'on',
  ),
  always(
    'status-matches-hardware',
    'A consumer whose status is suspended is not powered, and one whose status is active is.',
    (s) => (s.status === 'suspended' ? !s.powered : s.status !== 'active' || s.powered),
  ),
  always('supplier-on-in-probe', 'The supplier is on while its consumer is probed.', {
    when: (_, at) => at('probe', 'probe', 'pm_runtime_put_suppliers'),
    holds: (s) => s.supplier === 'on',
  }),
  always('deferred-served', 'A resume that was deferred is carried out before anybody else may ask again.', {
    when: (_, at) => at('rpm', 'wait'),
    holds: (s) => !s.deferred,
  }),
  leadsTo('deferred-resumes', 'A resume that was deferred comes about.', {
    from: (s) => s.deferred,
    to: (s) => s.status === 'resuming',
  }),
  possible('supplier-can-rest', 'The supplier can always be powered off again.', (s) => s.supplier === 'off'),
  reachable('can-suspend', 'Consumer and supplier can both be off.', (s) => s.supplier === 'off' && !s.powered),
]

export default properties
