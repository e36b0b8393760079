import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/server/config/config.ts'
import { hasTool } from '../clients/tools.ts'

const UNIT = new URL('../../deploy/keyspan.service', import.meta.url).pathname
const hasSystemd = hasTool('systemd-analyze', ['--version'], 'deploy/keyspan.service needs systemd-analyze')
/** What systemd finds open at most, of 10: what TCP and V8 need. */
const EXPOSURE = 1

const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** The unit with a program that is here, for systemd looks for it. */
function unitWith(change: (text: string) => string): string {
  const path = join(directory, 'keyspan.service')
  writeFileSync(path, change(readFileSync(UNIT, 'utf8')).replaceAll('/opt/keyspan/bin/keyspan', process.execPath))
  return path
}

/** What a command of systemd-analyze says; it throws where it finds fault. */
const analyze = (...args: readonly string[]) =>
  execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const security = (path: string) =>
  analyze('security', '--offline=true', `--threshold=${EXPOSURE * 10}`, '--no-pager', path)

describe('deploy/keyspan.service', () => {
  it.skipIf(!hasSystemd)('is a unit as systemd takes it', () => {
    const verify = (path: string) => execFileSync('systemd-analyze', ['verify', path], { stdio: 'pipe' })
    verify(unitWith((text) => text))
    expect(() => verify(unitWith((text) => text.replace('Type=exec', 'Type=exact\nExecStart=nowhere')))).toThrow()
  })

  it.skipIf(!hasSystemd)('leaves open what TCP and V8 need, and no more', () => {
    expect(security(unitWith((text) => text))).toContain('SAFE')
    expect(() => security(unitWith((text) => text.replace(/^CapabilityBoundingSet=$/m, '')))).toThrow()
  })

  it('names settings that there are', () => {
    const names = [...readFileSync(UNIT, 'utf8').matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ])
    const { data, rootKey } = readConfig({}, Object.fromEntries(names) as Record<string, string>)
    expect({ data, rootKey }).toEqual({ data: '/var/lib/keyspan/data', rootKey: '%d/root.key' })
  })
})
