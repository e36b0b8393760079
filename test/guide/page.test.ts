import { describe, expect, it } from 'vitest'
import { readPage } from './page.ts'

const fence = (language: string, ...lines: readonly string[]) => [`\`\`\`${language}`, ...lines, '```', ''].join('\n')

describe('A page', () => {
  it('has the commands of its consoles and scripts, and those of its comments', () => {
    const page = readPage(
      `<!-- run: start -->\n${fence('console', '$ one', 'out', '', 'put', '$ two \\', '  more', '$ three', '> four')}` +
        fence('sh', 'five', 'six'),
    )
    expect(page.commands).toEqual([
      { text: 'start', output: null, isShown: false },
      { typed: '$ one\n', text: 'one\n', output: 'out\n\nput', isShown: true },
      { typed: '$ two \\\n  more\n', text: 'two \\\n  more\n', output: '', isShown: true },
      { typed: '$ three\n> four\n', text: 'three\nfour\n', output: '', isShown: true },
      { text: 'five\nsix\n', output: null, isShown: true },
    ])
    expect(page.faults).toEqual([])
  })

  it('stays as it is with its own outputs, and changes with others', () => {
    const text = `# Page\n\n${fence('console', '$ one', 'out', '$ two')}\nEnd\n${fence('json', '{}')}`
    const page = readPage(text)
    expect(page.withOutputs(['out', ''])).toBe(text)
    expect(page.withOutputs(['other', 'more'])).toBe(text.replace('out\n$ two\n', 'other\n$ two\nmore\n'))
  })

  it.each([
    ['commands that are not run and have no reason', fence('shell', 'rm -rf /')],
    ['commands among data', fence('text', '$ one')],
    ['a console that begins with an output', fence('console', 'out', '$ one')],
  ])('has a fault: %s', (_what, text) => {
    expect(readPage(text).faults).toHaveLength(1)
  })

  it('counts blocks that are not run, with the reason', () => {
    const page = readPage(`<!-- not run: needs a moon -->\n\n${fence('shell', 'land')}${fence('console', '$ one')}`)
    expect([page.notRun, page.commands.length, page.faults]).toEqual([['needs a moon'], 1, []])
  })
})
