/** What the other threads of this process are doing, by the engine's own inspector: asked only when one of them does not answer. */

import { Session } from 'node:inspector'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { grace } from '../search/pulse.js'

/** What the debugger tells of a thread, as far as it is looked at. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
}

/** Lines and columns count from 0. */
interface Place {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber?: number
}

interface PausedFrame {
  readonly functionName: string
  readonly functionLocation?: Place
  readonly location: Place
}

/** A function as the profiler tells it; generated code has no address. */
interface Frame {
  readonly functionName: string
  readonly scriptId: string
  readonly url?: string
}

interface Script {
  readonly url: string
  readonly sourceMapURL?: string
}

/** A tree of calls, and of which of its nodes each sample was. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[]
  readonly samples?: readonly number[]
}

/** Where our own code lies. */
const own = new URL('..', import.meta.url).href

/** Milliseconds that a thread may take to answer on a busy machine. */
const patience = 3000

/** Milliseconds over which samples are taken of what a thread is at, one a millisecond. */
const span = 120

/** Looks into every other thread, through one session with the inspector. */
export class Inspector {
  private readonly session = new Session()
  private readonly threads = new Map<string, Thread>()

  constructor() {
    this.session.connect()
    const post = (sessionId: string, message: object): void =>
      this.session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify(message) })
    this.session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
      this.threads.set(sessionId, new Thread((message) => post(sessionId, message)))
    })
    this.session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) =>
      this.threads.get(sessionId)?.take(JSON.parse(message) as Message),
    )
    this.session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }

  /** The author's code in which a thread is and stays, if there is one: `the guard of pm.sleep (./my-model.ts:12:14)`. */
  running(): Promise<string | undefined> {
    return firstOf([...this.threads.values()].map((thread) => thread.running()))
  }

  /** What an expression is in the first thread that knows. */
  ask(expression: string): Promise<string | undefined> {
    return firstOf([...this.threads.values()].map((thread) => thread.evaluated(expression)))
  }

  /**
   * Lets all threads go on, and asks nothing more: a thread that is paused cannot be ended, and one that is just evaluating something
   * for a debugger forgets that it was told to end.
   */
  async release(): Promise<void> {
    await Promise.all([...this.threads.values()].map((thread) => thread.release()))
    this.session.disconnect()
  }
}

class Thread {
  private readonly scripts = new Map<string, Script>()
  private paused: ((frames: readonly PausedFrame[]) => void) | undefined
  private readonly waiting = new Map<number, (result: unknown) => void>()
  private number = 1
  private released = false

  constructor(private readonly post: (message: object) => void) {}

  take({ id, method, params, result }: Message): void {
    if (id !== undefined) this.waiting.get(id)?.(result)
    if (method === 'Debugger.paused')
      this.paused?.((params as { readonly callFrames: readonly PausedFrame[] }).callFrames)
    if (method !== 'Debugger.scriptParsed') return
    const script = params as Script & { readonly scriptId: string }
    this.scripts.set(script.scriptId, script)
  }

  /** What a method answers, or undefined if the thread cannot tell in time: it may be waiting in the system. */
  asked(method: string, params: object = {}, within = patience): Promise<unknown> {
    return this.released ? Promise.resolve(undefined) : this.answered(method, params, within)
  }

  /** Lets it go on, whatever it is asked for at the moment; nothing is on its way to it any more once it has answered. */
  async release(): Promise<void> {
    this.released = true
    await this.answered('Debugger.disable', {}, grace)
  }

  /** Waited for before it is asked: the answer interrupts this thread wherever it is. */
  private answered(method: string, params: object, within: number): Promise<unknown> {
    const id = this.number++
    return inTime(within, (resolve) => {
      this.waiting.set(id, resolve)
      this.post({ id, method, params })
    })
  }

  /** What an expression is, if that is a text. */
  async evaluated(expression: string): Promise<string | undefined> {
    const answer = await this.asked('Runtime.evaluate', { expression, returnByValue: true })
    const value = (answer as { readonly result?: { readonly value?: unknown } } | undefined)?.result?.value
    return typeof value === 'string' ? value : undefined
  }

  /** Samples first whether it is always in the same function that may be an author's; only then is it paused for a moment to see which. */
  async running(): Promise<string | undefined> {
    await this.asked('Profiler.enable')
    await this.asked('Profiler.setSamplingInterval', { interval: 1000 })
    await this.asked('Profiler.start')
    await new Promise((resolve) => setTimeout(resolve, span))
    const answer = (await this.asked('Profiler.stop')) as { readonly profile: Profile } | undefined
    if (!answer || !isHung(answer.profile)) return undefined
    // Tells all scripts before it answers.
    await this.asked('Debugger.enable')
    const frames = await inTime<readonly PausedFrame[]>(patience, (resolve) => {
      this.paused = resolve
      if (!this.released) void this.asked('Debugger.pause')
    })
    const frame = frames?.findLast(({ location }) => isAuthors(this.scripts.get(location.scriptId)?.url ?? ''))
    const says = frame && (await this.told(frame))
    await this.asked('Debugger.disable')
    return says
  }

  /** What the function that begins there is to its author. */
  private async nameAt(scriptId: string, line: number, column: number): Promise<string | undefined> {
    const answer = await this.asked('Debugger.getScriptSource', { scriptId })
    const { scriptSource } = (answer ?? {}) as { readonly scriptSource?: string }
    const text = scriptSource?.split('\n').slice(line).join('\n').slice(column)
    if (text === undefined) return undefined
    return this.evaluated(`globalThis[Symbol.for('thawproof.name')]?.(${JSON.stringify(text)})`)
  }

  private async told({ functionName, functionLocation, location }: PausedFrame): Promise<string> {
    const { scriptId, lineNumber, columnNumber = 0 } = functionLocation ?? location
    const name = await this.nameAt(scriptId, lineNumber, columnNumber)
    const known = name ?? (functionName === '' ? 'code of the model' : functionName)
    const place = placeOf(this.scripts.get(scriptId)?.sourceMapURL, lineNumber, columnNumber)
    return place === undefined ? known : `${known} (${place})`
  }
}

/**
 * Whether every sample was in the same function of an author, or of the code that is generated for a search, into which the engine
 * may have put it.
 */
function isHung({ nodes, samples = [] }: Profile): boolean {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const found = new Set(
    samples
      .filter((id) => byId.get(id)!.callFrame.functionName !== '(garbage collector)')
      .map((id) => {
        const { url = '', scriptId } = byId.get(id)!.callFrame
        let outermost = url === '' && scriptId !== '0' ? id : undefined
        for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
          if (isAuthors(byId.get(at)!.callFrame.url ?? '')) outermost = at
        return outermost
      }),
  )
  return found.size === 1 && !found.has(undefined)
}

/** Whether code was written by whoever wrote the model: it is neither ours nor the engine's. */
const isAuthors = (url: string): boolean => url.startsWith('data:') || (url.startsWith('file:') && !url.startsWith(own))

/** `./my-model.ts:12:14`, seen from here, by an inline source map. */
function placeOf(sourceMap = '', line: number, column: number): string | undefined {
  const map = /^data:[^,]*;base64,(.*)$/s.exec(sourceMap)?.[1]
  if (map === undefined) return undefined
  const payload = JSON.parse(Buffer.from(map, 'base64').toString()) as SourceMapPayload
  const entry = new SourceMap(payload).findEntry(line, column)
  if (!('originalSource' in entry)) return undefined
  const { originalSource, originalLine, originalColumn } = entry
  const near = relative(
    process.cwd(),
    originalSource.startsWith('file:') ? fileURLToPath(originalSource) : originalSource,
  )
  return `${near.startsWith('.') ? near : `./${near}`}:${originalLine + 1}:${originalColumn + 1}`
}

/** The first answer that there is, or undefined if there is none. */
const firstOf = <T>(answers: readonly Promise<T | undefined>[]): Promise<T | undefined> =>
  Promise.any(
    answers.map(async (answer) => {
      const found = await answer
      if (found === undefined) throw new Error('none')
      return found
    }),
  ).catch(() => undefined)

/** What is answered within so many milliseconds. */
const inTime = <T>(within: number, begin: (resolve: (value: T) => void) => void): Promise<T | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), within)
    begin((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
