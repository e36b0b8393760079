/** A command of a page, as it is typed, and what the page says that it prints. */
export interface Command {
  readonly text: string
  /** Null where it is not shown: in a script, and in a comment. */
  readonly output: string | null
  /** Whether a reader sees it. */
  readonly isShown: boolean
}

/** What a page has for a shell, and how it is to be run. */
export interface Page {
  /** The commands that are run, in their order. */
  readonly commands: readonly Command[]
  /** Why blocks are not run, one a block. */
  readonly notRun: readonly string[]
  /** Whether the page is about a clone: its directory is like one. */
  readonly isInClone: boolean
  /** What is wrong with the page, each with its line. */
  readonly faults: readonly string[]
  /** The page with other outputs in place of those that it has. */
  withOutputs(outputs: readonly string[]): string
}

/** What is not for a shell to run. */
const DATA: ReadonlySet<string> = new Set(['', 'text', 'json', 'yaml', 'ini', 'hcl', 'js', 'ts', 'python', 'diff'])

/** A part of a page: text, or the output of the command with this number. */
type Part = string | { readonly command: number }

/**
 * Reads what is in a page for a shell. A block `console` has commands and below each what it prints; a block `sh` is a
 * script. What nobody sees is done by comments: `<!-- run: COMMAND -->`, where a reader does it elsewhere, and
 * `<!-- not run: REASON -->` before a block that cannot be run.
 */
export function readPage(text: string): Page {
  const commands: Command[] = []
  const notRun: string[] = []
  const faults: string[] = []
  const parts: Part[] = []
  let isInClone = false
  let reason: string | null = null
  for (const { line, language, content } of blocksOf(text)) {
    if (language === null) {
      parts.push(content)
      for (const [, hidden = ''] of content.matchAll(/<!-- run: (.*?) -->/g))
        commands.push({ text: hidden, output: null, isShown: false })
      isInClone ||= content.includes('<!-- in a clone -->')
      reason = /<!-- not run: ([^>]*) -->\n+```.*\n$/.exec(content)?.[1] ?? null
    } else if (reason !== null) {
      notRun.push(reason)
      parts.push(content)
    } else if (language === 'sh') {
      commands.push({ text: content, output: null, isShown: true })
      parts.push(content)
    } else if (language === 'console') {
      if (!content.startsWith('$ ')) faults.push(`${line}: a console begins with a command: "$ ".`)
      for (const command of commandsOf(content)) {
        parts.push(command.typed, { command: commands.length })
        commands.push(command)
      }
    } else {
      if (!DATA.has(language)) faults.push(`${line}: a block "${language}" is not run, and no comment says why.`)
      if (/^\$ /m.test(content)) faults.push(`${line}: a command is in a block that is not run.`)
      parts.push(content)
    }
  }
  return {
    commands,
    notRun,
    isInClone,
    faults,
    withOutputs: (outputs) =>
      parts
        .map((part) => {
          if (typeof part === 'string') return part
          const output = outputs[part.command] ?? ''
          return output === '' ? '' : `${output}\n`
        })
        .join(''),
  }
}

/** What is between fences, with its language, and what is not, fences included, with none. */
function* blocksOf(text: string): Generator<{ line: number; language: string | null; content: string }> {
  let line = 1
  let language: string | null = null
  let content = ''
  for (const each of text.split(/(?<=\n)/)) {
    const fence = /^```(\S*)/.exec(each)
    if (fence !== null && language !== null) {
      yield { line, language, content }
      ;[language, content] = [null, each]
    } else if (fence !== null) {
      yield { line, language: null, content: content + each }
      ;[language, content] = [fence[1] ?? '', '']
    } else content += each
    line += 1
  }
  yield { line, language, content }
}

/** The commands of a console: each begins with `$ `, goes on behind `> ` or a backslash, and its output is below. */
function* commandsOf(content: string): Generator<Command & { typed: string }> {
  let typed = ''
  let text = ''
  let output = ''
  for (const line of content.split(/(?<=\n)/)) {
    if (line.startsWith('$ ')) {
      if (typed !== '') yield { typed, text, output: output.trimEnd(), isShown: true }
      ;[typed, text, output] = [line, line.slice(2), '']
    } else if (output === '' && (line.startsWith('> ') || line === '>\n' || text.endsWith('\\\n'))) {
      typed += line
      text += line.replace(/^> ?/, '')
    } else output += line
  }
  yield { typed, text, output: output.trimEnd(), isShown: true }
}
