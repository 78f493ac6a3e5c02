/** A thread of a {@link Swarm}: loads the model, and draws the batches that it is told to. */

import { parentPort, workerData } from 'node:worker_threads'
import type { Model } from '../../write/model.js'
import type { Properties } from '../../write/property.js'
import { RandomSearch } from './batch.js'
import type { WalkWorkerData } from './walk-workers.js'

const port = parentPort!
const { modules, choice, options } = workerData as WalkWorkerData
const { default: model } = (await import(modules.model)) as { default: Model }
const declared = (await import(modules.properties.module)) as Record<string, unknown>
const search = new RandomSearch(model, (declared[modules.properties.name] ?? []) as Properties, choice, options)
await search.prepare()
port.on('message', (batch: number) => port.postMessage(search.batch(batch)))
port.postMessage('ready')
