import { Command, CommanderError, Help, type Option } from 'commander'
import { styleText } from 'node:util'
import { asTyped } from './as-typed.ts'

/** What the manual page of a command says beside its options. */
interface Manual {
  /** What is worth knowing, a paragraph each. */
  readonly more?: readonly string[]
  /** Command lines, and what each does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** What an exit status of 0, and of 1, says. */
  readonly status?: readonly string[]
}

/** The exit status of a command that could not do what it was asked: bad usage is one way. */
export const FAILED = 2

const INDENT = '  '
const WIDEST = 100
const USUAL_WIDTH = 80

/** Gives a command what its manual page says below the options. */
export function withManual(command: Command, { more = [], examples, status = ['It was done.'] }: Manual): Command {
  const codes = [...status.map((meaning, code) => `${code}  ${meaning}`), STATUS_OF_FAILURE]
  return command.addHelpText('after', () => {
    const paragraphs = more.map((text) => `\n${wrap(text)}\n`).join('')
    const lines = examples.map(([line, does]) => `${INDENT}${asTyped(line)}\n${INDENT}${INDENT}${does}\n`)
    return `${paragraphs}${section('Examples:', lines.join(''))}${section('Exit status:', list(codes))}`
  })
}

const STATUS_OF_FAILURE = `${FAILED}  It could not be done. Standard error says why.`

function bold(title: string): string {
  return styleText('bold', title, { stream: process.stdout })
}

/** What many commands take comes after what is a command's own: pages have their groups in the order of the options. */
function putSettingsLast({ options }: Command): void {
  ;(options as Option[]).sort((one, other) => isShared(one) - isShared(other))
}

function isShared({ helpGroupHeading }: Option): number {
  return Number(helpGroupHeading !== undefined)
}

/** A section of a manual page. */
export function section(title: string, text: string): string {
  return `\n${bold(title)}\n${text}`
}

/** Lines of two columns: what stands before two spaces is the first. */
export function list(rows: readonly string[]): string {
  const columns = rows.map((row) => /^(.+?) {2}(.*)$/s.exec(row) ?? ['', row, ''])
  const width = Math.max(...columns.map(([, name = '']) => name.length))
  return columns.map(([, name = '', text = '']) => `${INDENT}${name.padEnd(width)}${INDENT}${text}\n`).join('')
}

/** Breaks a paragraph into lines that fit the terminal. */
function wrap(text: string): string {
  return new Help().boxWrap(asTyped(text), Math.min(process.stdout.columns ?? USUAL_WIDTH, WIDEST))
}

/** `keyspan help COMMAND` */
export function helpCommand(program: Command): Command {
  return new Command('help')
    .description('Prints the page of a command.')
    .argument('[command...]', 'such as explain, or clock advance')
    .action((names: readonly string[]) => {
      let command = program
      for (const name of names) {
        const found = command.commands.find((each) => each.name() === name)
        if (found === undefined) throw new Error(`There is no command "${names.join(' ')}": keyspan help lists them.`)
        command = found
      }
      command.outputHelp()
    })
}

/** Makes a command, and those below it, end and speak like all others. */
export function unify(command: Command, path: readonly string[] = []): Command {
  const names = [...path, command.name()]
  putSettingsLast(command)
  command
    .exitOverride()
    .configureHelp({ styleTitle: bold })
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'keyspan: ')) })
    .showHelpAfterError(asTyped(`${names.join(' ')} --help says what it takes.`))
    .helpOption('-h, --help', 'this page')
  for (const each of command.commands) unify(each, names)
  return command
}

/** The exit status of a command that has ended by its help, its version, or an error of usage; null for another error. */
export function statusOf(error: unknown): number | null {
  if (!(error instanceof CommanderError)) return null
  return error.exitCode === 0 ? 0 : FAILED
}
