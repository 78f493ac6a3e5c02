/** Writes docs/vocabulary.md: every public name with what its docstring says, as TypeDoc reads them. */

import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import prettier from 'prettier'
import {
  Application,
  ReflectionKind,
  type Comment,
  type CommentDisplayPart,
  type DeclarationReflection,
  type ParameterReflection,
  type ProjectReflection,
  type SignatureReflection,
} from 'typedoc'

/** Where public names come from, by what a user imports. */
const entries = {
  thawproof: 'src/index.ts',
  'thawproof/kernel': 'src/kernel.ts',
  'thawproof/templates': 'properties/templates.ts',
  'thawproof/check': 'src/check.ts',
  'thawproof/walk': 'src/walk.ts',
  'thawproof/log': 'src/log.ts',
} as const

/** What TypeDoc makes of the public modules. */
export async function publicNames(): Promise<ProjectReflection> {
  const app = await Application.bootstrap({
    entryPoints: Object.values(entries),
    tsconfig: 'tsconfig.json',
    excludeExternals: true,
    excludePrivate: true,
    skipErrorChecking: true,
    logLevel: 'Error',
  })
  const project = await app.convert()
  if (!project) throw new Error('TypeDoc could not read the sources')
  return project
}

/** The modules in the order in which a reader needs them. */
const modulesOf = (
  project: ProjectReflection,
): readonly (readonly [name: string, file: string, DeclarationReflection])[] =>
  Object.entries(entries).map(([name, file]) => {
    const found = project.children!.find((one) => one.name === file.replace(/\.ts$/, '').replace(/^src\/index$/, 'src'))
    if (!found)
      throw new Error(`${file}: TypeDoc calls its modules ${project.children!.map((one) => one.name).join(', ')}`)
    return [name, file, found]
  })

const signaturesOf = (one: DeclarationReflection): readonly SignatureReflection[] =>
  one.signatures ?? (one.type?.type === 'reflection' ? one.type.declaration.signatures : undefined) ?? []

const commentOf = (one: DeclarationReflection): Comment | undefined =>
  one.comment ?? signaturesOf(one).find((signature) => signature.comment)?.comment ?? one.getSignature?.comment

/** The members that have docstrings of their own: those of interfaces and classes, and the words that a function returns. */
function membersOf(one: DeclarationReflection): readonly DeclarationReflection[] {
  if (one.children) return one.children.filter(({ kind }) => kind !== ReflectionKind.Constructor)
  const [signature] = signaturesOf(one)
  const type = one.kind === ReflectionKind.Function ? signature?.type : one.type
  const parts = type?.type === 'reflection' ? (type.declaration.children ?? []) : []
  return one.kind === ReflectionKind.Function ? parts.filter((part) => signaturesOf(part).length > 0) : parts
}

/** Every public name without a docstring, members included. */
export function undocumented(project: ProjectReflection): readonly string[] {
  const missing: string[] = []
  const look = (one: DeclarationReflection, path: string): void => {
    if (one.kind !== ReflectionKind.Reference && !one.name.startsWith('[') && !commentOf(one)) missing.push(path)
  }
  for (const [name, , module] of modulesOf(project))
    for (const one of module.children ?? []) {
      look(one, `${name} ${one.name}`)
      for (const member of membersOf(one)) look(member, `${name} ${one.name}.${member.name}`)
    }
  return missing
}

const textOf = (parts: readonly CommentDisplayPart[]): string =>
  parts
    .map((part) => (part.kind === 'inline-tag' ? `\`${part.text}\`` : part.text))
    .join('')
    .replace(/\s+/g, ' ')
    .trim()

/** A docstring in one line; what is thrown behind it. */
const told = (comment: Comment | undefined): string =>
  comment
    ? [
        textOf(comment.summary),
        ...comment.blockTags
          .filter(({ tag }) => tag !== '@module')
          .map(({ tag, content }) => `_${tag.slice(1)}_ ${textOf(content)}`),
      ].join(' ')
    : ''

const inCell = (text: string): string => text.replaceAll('|', '\\|')

/** Whether it is what nobody may give: `...more: readonly never[]`, which makes one argument too many a mistake. */
const isNone = ({ flags, type }: ParameterReflection): boolean =>
  flags.isRest && type?.toString() === 'readonly never[]'

/** A call as it is typed: names of what it takes, without their types. */
const called = (name: string, signature: SignatureReflection | undefined): string =>
  signature
    ? `${name}(${(signature.parameters ?? [])
        .filter((one) => !isNone(one))
        .map(
          (one) =>
            `${one.flags.isRest ? '…' : ''}${one.name.replace(/^__namedParameters$/, 'given')}${one.flags.isOptional ? '?' : ''}`,
        )
        .join(', ')})`
    : name

function section(one: DeclarationReflection): string {
  const [signature] = signaturesOf(one)
  const rows = membersOf(one)
    .filter(({ name }) => !name.startsWith('['))
    .map((member) => {
      const spelled = called(member.name, signaturesOf(member)[0])
      return `| \`${spelled}${member.flags.isOptional ? '?' : ''}\` | ${inCell(told(commentOf(member)))} |`
    })
  return [
    `### ${one.name}`,
    ...(signature ? [`\`${called(one.name, signature)}\``] : []),
    told(commentOf(one)),
    ...(rows.length > 0 ? [['| member | |', '| --- | --- |', ...rows].join('\n')] : []),
  ].join('\n\n')
}

/** The page, as prettier leaves it. */
export async function page(project: ProjectReflection): Promise<string> {
  const modules = modulesOf(project).map(([name, file, module]) => {
    const source = readFileSync(file, 'utf8')
    const own = (module.children ?? []).filter(({ kind }) => kind !== ReflectionKind.Reference)
    const place = ({ name: word }: DeclarationReflection): number => source.search(new RegExp(`\\b${word}\\b`))
    return [`## ${name}`, told(module.comment), ...[...own].sort((a, b) => place(a) - place(b)).map(section)].join(
      '\n\n',
    )
  })
  const text = [
    '<!-- Generated by `npm run docs:vocabulary`. -->',
    '# Every word',
    'All that the package exports, by what is imported, with what its docstring says; an editor shows the same when the mouse rests on a name. [Your first driver](first-driver.md) uses the most important ones, [properties by example](properties.md) all kinds of property, [the cookbook](kernel-cookbook.md) the words of the kernel.',
    ...modules,
  ].join('\n\n')
  return prettier.format(text, { parser: 'markdown', printWidth: 120 })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync('docs/vocabulary.md', await page(await publicNames()))
