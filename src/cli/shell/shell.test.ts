import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { inTheWay } from './client-environment.ts'
import { shellLines, usualShell } from './shell.ts'

const ODD = String.raw`/a b/it's $HOME "and" \n`

describe('The lines that set variables', () => {
  it('give a shell the very value, and take others away', () => {
    const lines = shellLines('sh', { KEPT: ODD, PLAIN: '/a/b' }, ['GONE'])
    const print = 'printf "%s|%s|%s" "$KEPT" "$PLAIN" "${GONE-none}"'
    const text = execFileSync('sh', ['-c', `${lines.join('\n')}\n${print}`], { env: { GONE: 'x' }, encoding: 'utf8' })
    expect(text).toBe(`${ODD}|/a/b|none`)
  })

  it.each([
    ['fish', [String.raw`set -gx A '/it\'s\\'`, 'set -e B']],
    ['powershell', [String.raw`$Env:A = '/it''s\'`, 'Remove-Item Env:B']],
    ['cmd', [String.raw`set "A=/it's\"`, 'set "B="']],
  ] as const)('are in the language of %s', (shell, lines) => {
    expect(shellLines(shell, { A: String.raw`/it's\ `.trim() }, ['B'])).toEqual(lines)
  })

  it('are refused where cmd has no way to write the value', () => {
    expect(() => shellLines('cmd', { A: '100%' }, [])).toThrow('Use --shell powershell')
  })

  it('are for the shell that the system has', () => {
    expect([usualShell('linux'), usualShell('darwin'), usualShell('win32')]).toEqual(['sh', 'sh', 'powershell'])
  })
})

describe('What stands in the way of a profile', () => {
  it('is what would make a client somebody else, or talk to somebody else', () => {
    const environment = {
      AWS_ENDPOINT_URL_KMS: 'x',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      AWS_REGION: 'eu-west-1',
      HOME: '/',
    }
    expect(inTheWay(environment)).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_ENDPOINT_URL_KMS',
      'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
      'AWS_REGION',
    ])
  })
})
