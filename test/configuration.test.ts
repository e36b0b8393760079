import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../src/server/config/settings.ts'

const GUIDE = readFileSync(new URL('../docs/guide/configuration.md', import.meta.url), 'utf8')

describe('docs/guide/configuration.md', () => {
  it('shows every setting as the program knows it', () => {
    const shown = GUIDE.split('\n').filter((line) => line.includes('| `--'))
    const code = (text: string) => (text === '' ? '' : `\`${text}\``)
    const rows = SETTINGS.map(({ name, flag, env, standard, meaning }) =>
      ['', name, code(flag), code(env), code(standard), meaning, ''].join(' | ').trim(),
    )
    expect(shown.map(squeeze)).toEqual(rows.map(squeeze))
  })
})

/** A formatter may align the columns. */
function squeeze(row: string): string {
  return row.replaceAll(/ +/g, ' ')
}
