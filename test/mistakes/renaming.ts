/** One name at a time, changed where it stands once: identifiers, keys, and the names in texts that are labels. */

import ts from 'typescript'

/** A change of one occurrence of a name. */
export interface Renaming {
  readonly line: number
  readonly column: number
  readonly name: string
  /** The line it stands in, with the name in brackets. */
  readonly shown: string
  /** The whole text after the change. */
  readonly text: string
}

/** Calls of which the texts are for readers only. */
const told = ['source', 'env', 'system', 'environment']
const ignored = ['undefined', '_']
/** Keys of which the texts are for readers only. */
const forReaders = ['says', 'question', 'reference', 'provoke', 'log', 'abstractions', 'what']

/**
 * Every occurrence of a name that the author of a text chose, each changed by a letter. Left out: types, which mean nothing at run time;
 * the names of what is imported; parameters called _, which nobody reads; and sentences, file names and symbols of sources, which are for
 * readers.
 */
export function renamings(text: string): readonly Renaming[] {
  const file = ts.createSourceFile('m.ts', text, ts.ScriptTarget.ES2022, true)
  const found: Renaming[] = []
  const imported = new Set<string>()
  const rename = (at: number, name: string): void => {
    const { line, character } = file.getLineAndCharacterOfPosition(at)
    const end = at + name.length
    const [whole, from] = [text.split('\n')[line]!, character]
    const shown = `${whole.slice(0, from)}[${name}]${whole.slice(from + name.length)}`.trim()
    found.push({ line: line + 1, column: from + 1, name, shown, text: `${text.slice(0, end)}x${text.slice(end)}` })
  }
  const inText = (node: ts.StringLiteralLike): void => {
    if (/\s|\/.*\.[ch]$/.test(node.text) || isForReaders(node)) return
    for (const match of node.text.matchAll(/[A-Za-z][\w-]*/g)) rename(node.getStart() + 1 + match.index, match[0])
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { namedBindings } = node.importClause ?? {}
      if (namedBindings && ts.isNamedImports(namedBindings))
        for (const { name } of namedBindings.elements) imported.add(name.text)
      return
    }
    if (ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) return
    if (ts.isIdentifier(node) && !imported.has(node.text) && !ignored.includes(node.text))
      rename(node.getStart(), node.text)
    if (ts.isStringLiteralLike(node)) inText(node)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function isForReaders(node: ts.Node): boolean {
  for (let up = node.parent; !ts.isSourceFile(up); up = up.parent) {
    if (ts.isCallExpression(up) && ts.isIdentifier(up.expression) && told.includes(up.expression.text)) return true
    if (ts.isPropertyAssignment(up) && forReaders.includes(up.name.getText())) return true
    if (ts.isBlock(up) || ts.isArrowFunction(up)) return false
  }
  return false
}

/** What the type checker has against texts in place of files; it keeps what it knows of the others. */
export class Types {
  private readonly versions = new Map<string, { readonly text: string; readonly version: number }>()
  private readonly service: ts.LanguageService

  constructor(root: string) {
    const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile.bind(ts.sys)) as { config: object }
    const { options: parsed } = ts.parseJsonConfigFileContent(config, ts.sys, root)
    const { tsBuildInfoFile, incremental, ...options } = parsed
    void [tsBuildInfoFile, incremental]
    this.service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [...this.versions.keys()],
      getScriptVersion: (file) => String(this.versions.get(file)?.version ?? 0),
      getScriptSnapshot: (file) => {
        const text = this.versions.get(file)?.text ?? ts.sys.readFile(file)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath.bind(ts),
      fileExists: ts.sys.fileExists.bind(ts.sys),
      readFile: ts.sys.readFile.bind(ts.sys),
      readDirectory: ts.sys.readDirectory.bind(ts.sys),
      directoryExists: ts.sys.directoryExists.bind(ts.sys),
      getDirectories: ts.sys.getDirectories.bind(ts.sys),
    })
  }

  /** Puts a text in place of a file. */
  set(file: string, text: string): void {
    this.versions.set(file, { text, version: (this.versions.get(file)?.version ?? 0) + 1 })
  }

  /** The first error in a file, if there is one; names that nobody uses are none. */
  errorIn(file: string): string | undefined {
    const found = [...this.service.getSyntacticDiagnostics(file), ...this.service.getSemanticDiagnostics(file)]
    const [first] = found.filter(({ code }) => ![6133, 6192, 6196, 6198].includes(code))
    return first && ts.flattenDiagnosticMessageText(first.messageText, ' ')
  }
}
