/** The Testing view: files, their instances, their properties; run, debugged, and with the steps that were never taken as coverage. */

import type * as vscode from 'vscode'
import type { Program } from './program.js'
import type { Claim, Results } from './results.js'
import { isModel, stepsIn } from './steps.js'

/** The part of the editor that this needs; the module itself, or a stand-in of the same types. */
export type Editor = Pick<
  typeof vscode,
  | 'FileCoverage'
  | 'Location'
  | 'Position'
  | 'Range'
  | 'StatementCoverage'
  | 'TestCoverageCount'
  | 'TestMessage'
  | 'TestRunProfileKind'
  | 'TestRunRequest'
  | 'Uri'
>

/** What the view is made with. */
export interface Around {
  readonly editor: Editor
  readonly controller: vscode.TestController
  readonly program: Program
  /** Relative to the folder of the program, with `/`. */
  readonly relative: (uri: vscode.Uri) => string
  readonly text: (uri: vscode.Uri) => Promise<string>
  /** Starts the check of a target under a debugger. */
  readonly debug: (target: string) => Promise<unknown>
}

/** The view. */
export class Claims {
  /** What was found last, by file. */
  private readonly found = new Map<string, Results>()

  constructor(private readonly around: Around) {
    const { controller, editor } = around
    const { Run, Debug, Coverage } = editor.TestRunProfileKind
    controller.createRunProfile('Check', Run, (request, token) => this.run(request, token, false), true)
    controller.createRunProfile('Debug', Debug, (request) => this.debug(request), false)
    const covered = controller.createRunProfile(
      'Steps taken',
      Coverage,
      (request, token) => this.run(request, token, true),
      false,
    )
    covered.loadDetailedCoverage = async (_run, { uri }) => this.detailed(uri, await around.text(uri))
  }

  /** Puts a file into the view if it holds a model, and takes it out if it does not any more. */
  async see(uri: vscode.Uri): Promise<void> {
    const { controller, relative, text } = this.around
    const id = uri.toString()
    if (isModel(await text(uri))) {
      if (!controller.items.get(id)) controller.items.add(controller.createTestItem(id, relative(uri), uri))
    } else controller.items.delete(id)
  }

  /** Steps that the last check of a file never took. */
  untaken = (uri: vscode.Uri): readonly string[] => this.found.get(uri.toString())?.untaken ?? []

  /** What a test stands for: `./model.ts`, or `./model.ts/instance`. */
  target(item: vscode.TestItem): string {
    const file = fileOf(item)
    const instance = item === file ? undefined : item.parent === file ? item : item.parent
    return `./${this.around.relative(file.uri!)}${instance ? `/${instance.label}` : ''}`
  }

  private async debug(request: vscode.TestRunRequest): Promise<void> {
    for (const item of request.include ?? []) await this.around.debug(this.target(item))
  }

  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken, cover: boolean): Promise<void> {
    const { controller } = this.around
    const run = controller.createTestRun(request)
    const asked = request.include ?? all(controller.items)
    for (const item of asked.filter((one) => !request.exclude?.includes(one))) {
      if (token.isCancellationRequested) break
      run.started(item)
      await this.check(run, item, token, cover)
    }
    run.end()
  }

  private async check(
    run: vscode.TestRun,
    item: vscode.TestItem,
    token: vscode.CancellationToken,
    cover: boolean,
  ): Promise<void> {
    const { editor, program, text } = this.around
    const file = fileOf(item)
    try {
      const results = await program.check(this.target(item), token)
      this.found.set(file.uri!.toString(), results)
      for (const claim of results.claims) this.tell(run, item, file, claim)
      if (item === file) run.passed(item)
      if (cover) run.addCoverage(this.covered(file.uri!, await text(file.uri!)))
    } catch (error) {
      run.errored(item, new editor.TestMessage(error instanceof Error ? error.message : String(error)))
    }
  }

  /** Tells of a claim if it is the one that was asked for, or below it. */
  private tell(run: vscode.TestRun, asked: vscode.TestItem, file: vscode.TestItem, claim: Claim): void {
    const { editor } = this.around
    // What is right with an instance as a whole has no place to stand at.
    if (!claim.place && !claim.wrong) return
    const test = this.testOf(file, claim)
    if (asked !== file && asked !== test && asked !== test.parent) return
    if (!claim.wrong) return run.passed(test)
    const message = new editor.TestMessage(`${claim.wrong.message}\n\n${claim.wrong.requirement}`)
    if (test.uri && test.range) message.location = new editor.Location(test.uri, test.range)
    if (claim.wrong.kind === 'error') run.errored(test, message)
    else run.failed(test, message)
  }

  /** The test of a claim, made when it is first heard of, and moved to where the property is declared now. */
  private testOf(file: vscode.TestItem, { instance, property, place }: Claim): vscode.TestItem {
    const { controller, editor } = this.around
    const short = instance.slice(instance.indexOf('/') + 1)
    const parent = child(controller, file, short)
    const test = child(controller, parent, property)
    const line = (place?.line ?? 1) - 1
    test.range = new editor.Range(new editor.Position(line, 0), new editor.Position(line, 0))
    return test
  }

  private covered(uri: vscode.Uri, text: string): vscode.FileCoverage {
    const { editor } = this.around
    const details = this.detailed(uri, text)
    const taken = details.filter(({ executed }) => executed === true).length
    return new editor.FileCoverage(uri, new editor.TestCoverageCount(taken, details.length))
  }

  private detailed(uri: vscode.Uri, text: string): vscode.StatementCoverage[] {
    const { editor } = this.around
    const untaken = this.untaken(uri)
    return stepsIn(text).map(
      ({ name, line, column }) =>
        new editor.StatementCoverage(!untaken.includes(name), new editor.Position(line, column)),
    )
  }
}

/** The file that a test is in. */
const fileOf = (item: vscode.TestItem): vscode.TestItem => (item.parent ? fileOf(item.parent) : item)

function child(controller: vscode.TestController, parent: vscode.TestItem, label: string): vscode.TestItem {
  const id = `${parent.id}/${label}`
  const known = parent.children.get(id)
  if (known) return known
  const made = controller.createTestItem(id, label, parent.uri)
  parent.children.add(made)
  return made
}

function all(items: vscode.TestItemCollection): readonly vscode.TestItem[] {
  const list: vscode.TestItem[] = []
  items.forEach((item) => list.push(item))
  return list
}
