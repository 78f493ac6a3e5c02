/** `thawproof mcp`: a server of the Model Context Protocol on standard input and output; each tool is one command of this program. */

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Command } from 'commander'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { relative, resolve, isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandLine } from '../tell/trace.js'

/** What a call came to, for programs. */
export interface Answer {
  /** What to type to have it again. */
  readonly command: string
  readonly exit: number
  /** Whether the search behind it was complete; null where nothing was searched. */
  readonly complete: boolean | null
  readonly output: string
}

type Arguments = Readonly<Record<string, string | number | undefined>>

interface Tool {
  readonly description: string
  readonly required: readonly string[]
  readonly optional?: readonly string[]
  /** The command line, without the program. */
  readonly words: (given: Arguments) => readonly string[]
  /** What goes to standard input. */
  readonly input?: string
  readonly searches: boolean
}

/** Each argument: what it is. All are single words or lines of a command, but for whole texts. */
const argumentsBy: Readonly<
  Record<
    string,
    {
      readonly type: 'string' | 'integer'
      readonly description: string
      readonly maximum?: number
      readonly minimum?: number
      readonly maxLength?: number
      readonly pattern?: string
    }
  >
> = {
  protocol: word('a protocol, as list has them, or ./file.ts inside of the folder of the project'),
  target: word('PROTOCOL/INSTANCE, as list has them, or ./file.ts inside of the folder of the project'),
  property: word('a property of the protocol'),
  instance: word('an instance of the protocol'),
  step: word('THREAD.STEP/ALTERNATIVE'),
  from: word('base, an instance, or patches joined by +'),
  to: word('base, an instance, or patches joined by +'),
  condition: word("a condition on a state: xsLocks == 'held'"),
  tree: word('a source tree, inside of the folder of the project'),
  format: { type: 'string', description: 'markdown or rst', pattern: '^(markdown|rst)$' },
  mail: { type: 'string', description: 'the text of a patch mail, an mbox or a diff', maxLength: 4_000_000 },
  log: { type: 'string', description: 'the text of a log', maxLength: 4_000_000 },
  max_seconds: {
    type: 'integer',
    description: 'a limit for each search, 60 if it is not given',
    minimum: 1,
    maximum: 600,
  },
}

/** No option of a command can be smuggled in, and no line behind it. */
function word(description: string) {
  return { type: 'string', description, maxLength: 300, pattern: '^[^-\\s][^\\n\\r]*$' } as const
}

const seconds = ({ max_seconds: most = 60 }: Arguments): readonly string[] => ['--max-seconds', String(most)]

const tools: Readonly<Record<string, Tool>> = {
  list: {
    description: 'The protocols; of one, its instances, parameters, patches and properties.',
    required: [],
    optional: ['protocol'],
    words: ({ protocol }) => ['list', ...words(protocol)],
    searches: false,
  },
  check: {
    description: 'Every claim of a protocol or of one instance, by an exhaustive search.',
    required: ['target'],
    optional: ['max_seconds'],
    words: (given) => ['check', ...words(given.target), '--json', ...seconds(given)],
    searches: true,
  },
  trace: {
    description: 'The shortest run that breaks a property.',
    required: ['target', 'property'],
    optional: ['max_seconds'],
    words: (given) => ['trace', ...words(given.target, given.property), ...seconds(given)],
    searches: true,
  },
  run: {
    description: 'A shortest run to a condition, broken or not; or that there is none.',
    required: ['target', 'condition'],
    optional: ['max_seconds'],
    words: (given) => ['run', ...words(given.target), '--to', ...words(given.condition), ...seconds(given)],
    searches: true,
  },
  compare: {
    description: 'What a patch fixes, breaks and leaves open.',
    required: ['protocol', 'from', 'to'],
    optional: ['max_seconds'],
    words: (given) => ['compare', ...words(given.protocol, given.from, given.to), ...seconds(given)],
    searches: true,
  },
  review: {
    description: 'What a patch mail does to the protocols that read the functions it touches.',
    required: ['mail', 'tree'],
    optional: ['max_seconds'],
    words: (given) => ['review', '-', '--tree', ...words(given.tree), ...seconds(given)],
    input: 'mail',
    searches: true,
  },
  log: {
    description: 'Whether an instance has a run that prints a log, and which; or the first line that cannot be.',
    required: ['target', 'log'],
    optional: ['max_seconds'],
    words: (given) => ['log', ...words(given.target), '-', ...seconds(given)],
    input: 'log',
    searches: true,
  },
  explain: {
    description: 'A step: which function it is from, who takes it, what it prints, how to provoke it.',
    required: ['protocol', 'step'],
    words: ({ protocol, step }) => ['facts', ...words(protocol), '--step', ...words(step)],
    searches: false,
  },
  cite: {
    description: 'A claim with its sources, and how well each is known.',
    required: ['protocol', 'instance'],
    words: ({ protocol, instance }) => ['facts', ...words(protocol), '--claim', ...words(instance)],
    searches: false,
  },
  facts: {
    description: 'What must hold, in which order, known bugs, what is left out: a short text with sources.',
    required: ['protocol'],
    optional: ['format'],
    words: ({ protocol, format = 'markdown' }) => ['facts', ...words(protocol), '--format', String(format)],
    searches: false,
  },
}

const words = (...given: readonly (string | number | undefined)[]): readonly string[] =>
  given.flatMap((one) => (one === undefined ? [] : [String(one)]))

const schemaOf = ({ required, optional = [] }: Tool) => ({
  type: 'object' as const,
  properties: Object.fromEntries([...required, ...optional].map((name) => [name, argumentsBy[name]!])),
  required: [...required],
  additionalProperties: false,
})

/** Adds the command. */
export function mcpCommand(root: Command): void {
  root
    .command('mcp')
    .description('serve these commands to programs, by the Model Context Protocol on standard input and output')
    .action(async () => {
      await serve()
    })
}

/** Serves until standard input ends; one call after the other, since each may take all cores. */
async function serve(): Promise<void> {
  const version = (
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version
  // Tools are data here, checked by the schemas that are told: what is under the server for tools written one by one takes them so.
  const { server } = new McpServer({ name: 'thawproof', version }, { capabilities: { tools: {} } })
  const ajv = new Ajv2020({ allErrors: true })
  const validate = Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, ajv.compile(schemaOf(tool))]))
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.entries(tools).map(([name, tool]) => ({
      name,
      description: `${tool.description} Answers with the command that gives it again, and whether the search was complete.`,
      inputSchema: schemaOf(tool),
    })),
  }))
  let last: Promise<unknown> = Promise.resolve()
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    const answer = last.then(() => called(params.name, params.arguments ?? {}, validate))
    last = answer
    return answer
  })
  const closed = new Promise<void>((done) => {
    process.stdin.once('end', done)
    server.onclose = done
  })
  await server.connect(new StdioServerTransport())
  await closed
}

async function called(
  name: string,
  given: object,
  validate: Readonly<Record<string, ValidateFunction>>,
): Promise<CallToolResult> {
  const tool = Object.hasOwn(tools, name) ? tools[name]! : undefined
  if (!tool) return refused(`there is no tool '${name}'; there are ${Object.keys(tools).join(', ')}`)
  const check = validate[name]!
  if (!check(given))
    return refused(
      (check.errors ?? [])
        .map(({ instancePath, message }) => `${instancePath.slice(1) || name} ${message ?? ''}`)
        .join('; '),
    )
  const wanted = given as Arguments
  const outside = ['protocol', 'target', 'tree'].map((key) => outsideOf(key, wanted[key])).find(Boolean)
  if (outside !== undefined) return refused(outside)
  const argv = tool.words(wanted)
  const { code, out, err } = await ran(argv, tool.input === undefined ? '' : String(wanted[tool.input]))
  const answer: Answer = {
    command: commandLine(argv),
    exit: code,
    complete: tool.searches ? isComplete(name, code, out) : null,
    output: cut(code === 2 || code === 70 || out === '' ? `${out}${err}` : out),
  }
  const far = answer.complete === null ? '' : `\nsearch: ${answer.complete ? 'complete' : 'not complete'}`
  return {
    content: [{ type: 'text', text: `${answer.output}\nagain: ${answer.command}\nexit: ${code}${far}` }],
    structuredContent: { ...answer },
    ...((code === 2 || code === 70) && { isError: true }),
  }
}

const refused = (why: string): CallToolResult => ({ content: [{ type: 'text', text: why }], isError: true })

/** Why a file may not be named: what a model's file says is run, so it must be of this project. */
function outsideOf(key: string, value: string | number | undefined): string | undefined {
  if (typeof value !== 'string' || (key !== 'tree' && !/^[.~/\\]|\.[cm]?[jt]s(?:\/|$)|\\/.test(value))) return undefined
  const file = resolve(value.replace(/(\.[cm]?[jt]s)\/[^/]*$/, '$1'))
  const below = relative(realpathSync('.'), existsSync(file) ? realpathSync(file) : file)
  return below.startsWith('..') || isAbsolute(below) ? `${key}: ${value} is outside of ${realpathSync('.')}` : undefined
}

function isComplete(name: string, code: number, out: string): boolean {
  if (name !== 'check') return code === 0 || code === 1
  try {
    const { instances } = JSON.parse(out) as { readonly instances: readonly { readonly complete: boolean }[] }
    return instances.length > 0 && instances.every(({ complete }) => complete)
  } catch {
    return false
  }
}

/** Signs of an answer beyond which it is cut, and says so. */
const longest = 200_000

const cut = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}\n… cut: ${text.length - longest} signs more\n`

/** Runs a command of this program as it is typed, without a shell. */
function ran(
  argv: readonly string[],
  input: string,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [
      fileURLToPath(new URL('./main.js', import.meta.url)),
      '--color',
      'never',
      ...argv,
    ])
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (err += text))
    child.stdin.on('error', () => undefined)
    child.once('error', fail)
    child.once('close', (code) => void done({ code: code ?? 130, out, err }))
    child.stdin.end(input)
  })
}
