/** The extension: binds the Testing view, hovers, traces and the explorer to the editor. */

import * as vscode from 'vscode'
import { join } from 'node:path'
import { Claims } from './claims.js'
import { hoverOf } from './hover.js'
import { Program } from './program.js'

/** Called by the editor when a folder with models is opened. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? []
  if (!folder) return
  const settings = vscode.workspace.getConfiguration('thawproof')
  const program = new Program(
    folder.uri.fsPath,
    join(folder.uri.fsPath, settings.get<string>('program', '')),
    settings.get<string>('node', 'node'),
  )
  const controller = vscode.tests.createTestController('thawproof', 'thawproof')
  const relative = (uri: vscode.Uri): string => vscode.workspace.asRelativePath(uri, false)
  const text = async (uri: vscode.Uri): Promise<string> => (await vscode.workspace.openTextDocument(uri)).getText()
  const debug = (target: string): Thenable<boolean> =>
    vscode.debug.startDebugging(folder, {
      type: 'node',
      request: 'launch',
      name: `thawproof check ${target}`,
      program: program.file,
      args: ['check', target, '--workers', '1'],
      cwd: program.folder,
    })
  const claims = new Claims({
    editor: vscode,
    controller,
    program,
    relative,
    text,
    debug: async (target) => debug(target),
  })

  const see = (uri: vscode.Uri): void => void claims.see(uri).catch(() => undefined)
  const watcher = vscode.workspace.createFileSystemWatcher(settings.get<string>('models', '**/*.ts'))
  watcher.onDidCreate(see)
  watcher.onDidChange(see)
  watcher.onDidDelete((uri) => controller.items.delete(uri.toString()))
  for (const uri of await vscode.workspace.findFiles(settings.get<string>('models', '**/*.ts'), '**/node_modules/**'))
    see(uri)

  const shown = async (title: string, html: () => Promise<string>): Promise<void> => {
    const panel = vscode.window.createWebviewPanel('thawproof', title, vscode.ViewColumn.Beside, {
      enableScripts: true,
    })
    try {
      panel.webview.html = await html()
    } catch (error) {
      panel.dispose()
      await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error))
    }
  }
  context.subscriptions.push(
    controller,
    watcher,
    vscode.languages.registerHoverProvider(
      { language: 'typescript' },
      {
        provideHover: (document, { line, character }) => {
          const told = hoverOf(document.getText(), line, character, claims.untaken(document.uri))
          return told === undefined ? undefined : new vscode.Hover(new vscode.MarkdownString(told))
        },
      },
    ),
    vscode.commands.registerCommand('thawproof.explore', () => {
      const uri = vscode.window.activeTextEditor?.document.uri
      return uri && shown('explore', () => program.page(`./${relative(uri)}`))
    }),
    vscode.commands.registerCommand('thawproof.trace', async (item?: vscode.TestItem) => {
      const uri = vscode.window.activeTextEditor?.document.uri
      const target = item ? claims.target(item) : uri && `./${relative(uri)}`
      const property = item?.label ?? (await vscode.window.showInputBox({ prompt: 'Which property?' }))
      if (target === undefined || property === undefined) return
      await shown(property, async () => (await program.run(['trace', target, property, '--format', 'svg'])).trim())
    }),
  )
}
