import type { Command } from 'commander'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { asTyped } from '../src/cli/speech/as-typed.ts'
import { createProgram } from '../src/cli/program.ts'
import { MAIN } from './program/program.ts'

const program = await createProgram('0.0.0')

/** The commands that do something, by what is typed. */
function commandsOf(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[path.join(' '), command]]
  return command.commands.flatMap((each) => commandsOf(each, [...path, each.name()]))
}

/** What only a shell asks. */
const HIDDEN = ['complete']
const commands = commandsOf(program).filter(([name]) => !HIDDEN.includes(name))

function pageOf(command: Command): string {
  let page = ''
  command.configureOutput({ writeOut: (text) => (page += text) })
  command.outputHelp()
  return page
}

/** The command and the option names of a line such as `eval "$(keyspan env --profile ada)"`. */
function typedIn(line: string): readonly string[] {
  const [, words = ''] = /keyspan ((?:[^|)<>]|\([^)]*\))*)/.exec(line) ?? []
  return words.trim().split(' ')
}

describe('The pages of the command line', () => {
  const named = commands.filter(([name]) => name !== 'help')

  it.each(named)('%s has examples that can be typed, and says what its exit status means', (name, command) => {
    const page = pageOf(command)
    const [, examples = ''] = /\nExamples:\n(.*)\nExit status:\n {2}0 {2}\S/s.exec(page) ?? []
    const lines = examples.split('\n').filter((line) => /^ {2}\S/.test(line))
    expect(lines).not.toEqual([])
    for (const words of lines.map(typedIn)) {
      const [, typed] = commands.find(([each]) => words.join(' ').startsWith(each)) ?? []
      expect(typed, `${name} shows keyspan ${words.join(' ')}`).toBeDefined()
      const flags = words.filter((word) => word.startsWith('-') && word.length > 1)
      const known = typed?.options.flatMap(({ long, short }) => [long, short])
      expect(known, `${name} shows keyspan ${words.join(' ')}`).toEqual(expect.arrayContaining(flags))
    }
  })

  it.each(named.filter(([name]) => !['serve', 'completion'].includes(name)))('%s answers in JSON too', (_, command) => {
    expect(command.options.find(({ long }) => long === '--output')?.argChoices).toEqual(['text', 'json'])
  })
})

describe('The page of the guide', () => {
  it('shows every command', async () => {
    const page = await readFile(new URL('../docs/guide/command-line.md', import.meta.url), 'utf8')
    const shown = [...page.matchAll(/^\$ keyspan help (\S.*)$/gm)].map(([, name = '']) => name)
    expect(shown.toSorted()).toEqual(
      commands
        .map(([name]) => name)
        .filter((name) => name !== 'help')
        .toSorted(),
    )
  })
})

describe('A command line that is wrong', () => {
  it.each([
    [['servee'], '(Did you mean serve?)'],
    [['env', '--profiel', 'ada'], 'keyspan env --help says what it takes.'],
    [['clock', 'advance'], 'keyspan clock advance --help says what it takes.'],
    [['help', 'clock', 'turn'], 'There is no command "clock turn"'],
    [['policy', 'check', 'none.json'], 'none.json cannot be used'],
  ])('%j is told what to type, with an exit status of 2', (words, told) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toContain(told)
    expect(stderr).toMatch(/^keyspan: /)
    expect(stdout).toBe('')
  })
})

describe('What is printed', () => {
  const run = async (environment: NodeJS.ProcessEnv) =>
    (await promisify(execFile)(process.execPath, [MAIN, 'help'], { env: environment })).stdout

  it('has colours where they are asked for, and none in a file, a pipe, or with NO_COLOR', async () => {
    const { NO_COLOR: _no, FORCE_COLOR: _force, ...plain } = process.env
    expect(await run(plain)).not.toContain('\u001B')
    expect(await run({ ...plain, FORCE_COLOR: '1' })).toContain('\u001B[1mServing:')
    expect(await run({ ...plain, NO_COLOR: '1' })).not.toContain('\u001B')
  })

  it('names commands as whoever reads it can type them', () => {
    const text = 'Start it with keyspan serve. keyspan: nothing of keyspan-data, /opt/keyspan serve or keyspan’s own.'
    expect(asTyped(text, {})).toBe(text)
    const npx = { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'keyspan' serve" }
    expect(asTyped(text, npx)).toBe(text.replace('with keyspan serve', 'with npx keyspan serve'))
    const clone = { npm_lifecycle_event: 'start', npm_lifecycle_script: 'node src/main.ts serve' }
    expect(asTyped(text, clone)).toBe(text.replace('with keyspan serve', 'with npm run -s keyspan -- serve'))
    expect(asTyped(text, { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vitest run' })).toBe(text)
  })
})

describe('A reader that goes away', () => {
  it('ends a command, and is no error', () => {
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `'${process.execPath}' '${MAIN}' help | true; echo "\${PIPESTATUS[0]}"`],
      {
        encoding: 'utf8',
      },
    )
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' })
  })

  it('is told where the disk is full', () => {
    const { status, stderr } = spawnSync('bash', ['-c', `'${process.execPath}' '${MAIN}' help >/dev/full`], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^keyspan: The output cannot be written: .*\n$/),
    })
  })
})

describe('Completion', () => {
  it('is offered by bash', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'keyspan-'))
    const program = join(directory.path, 'keyspan')
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, { mode: 0o755 })
    const script = [
      'source <(keyspan completion bash)',
      'COMP_WORDS=(keyspan mrk show --o); COMP_CWORD=3; COMP_LINE="keyspan mrk show --o"; COMP_POINT=${#COMP_LINE}',
      '_keyspan',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n')
    const env = { ...process.env, PATH: `${directory.path}:${process.env['PATH']}` }
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env })
    expect(stdout.trim(), stderr).toBe('--output')
  })
})
