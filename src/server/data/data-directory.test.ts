import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataDirectory, DataDirectoryError, lockDataDirectory } from './data-directory.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const isRoot = process.geteuid?.() === 0

function readOnlyDisk(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('A data directory', () => {
  it('is its owner’s alone, also where it was there before, and under any umask', async () => {
    const path = join(directory, 'data')
    mkdirSync(join(path, 'regions'), { recursive: true })
    writeFileSync(join(path, 'lock'), '')
    const before = process.platform === 'win32' ? 0 : 0o755
    for (const part of ['', 'regions']) expect(statSync(join(path, part)).mode & 0o777).toBe(before)
    using _lock = await lockDataDirectory(dataDirectory(path))
    for (const part of ['', 'regions', 'audit', 'audit-index', 'aws']) expect(modeOf(join(path, part))).toBe('700')
    expect(modeOf(join(path, 'lock'))).toBe('600')
  })

  it('is not taken from others who use it', async () => {
    mkdirSync(join(directory, 'public'))
    writeFileSync(join(directory, 'public', 'file'), '')
    chmodSync(join(directory, 'public'), 0o1777)
    const locking = lockDataDirectory(dataDirectory(join(directory, 'public')))
    await expect(locking).rejects.toThrow(/holds other things.*Give --data a directory of its own/)
    expect(modeOf(join(directory, 'public'))).toBe('777')
    expect(readdirSync(join(directory, 'public'))).toEqual(['file'])
  })

  it('is taken by one process at a time', async () => {
    using _lock = await lockDataDirectory(dataDirectory(directory))
    await expect(lockDataDirectory(dataDirectory(directory))).rejects.toThrow(/Another keyspan process is using/)
  })

  it.runIf(isRoot)('of another user is refused', async () => {
    const path = join(directory, 'data')
    mkdirSync(path)
    execFileSync('chown', ['65534', path])
    await expect(lockDataDirectory(dataDirectory(path))).rejects.toThrow(/belongs to user 65534.*chown/)
  })

  it('that is a file, or lies below one, is refused with a sentence', async () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    await expect(lockDataDirectory(dataDirectory(file))).rejects.toThrow(/there is a file of that name/)
    await expect(lockDataDirectory(dataDirectory(join(file, 'data')))).rejects.toThrow(/a part of that path is a file/)
  })

  it('where none can be made is refused with a sentence, and not waited for', async () => {
    await expect(lockDataDirectory(dataDirectory('/proc/a/b'))).rejects.toThrow(/no directory can be made there/)
  })

  it('whose lock is no database is not said to be in use', async () => {
    writeFileSync(join(directory, 'lock'), 'x'.repeat(5000))
    const locking = lockDataDirectory(dataDirectory(directory))
    await expect(locking).rejects.toThrow(DataDirectoryError)
    await expect(locking).rejects.not.toThrow(/Another keyspan process/)
  })

  it('whose name leaves no room for a socket is refused before anything is made', async () => {
    const path = join(directory, 'd'.repeat(200))
    await expect(lockDataDirectory(dataDirectory(path))).rejects.toThrow(/too long a name.*shorter/)
    expect(() => statSync(path)).toThrow(/ENOENT/)
  })

  it('on a disk that can only be read is refused with a sentence', async (context) => {
    const path = join(directory, 'disk')
    mkdirSync(path)
    if (!readOnlyDisk(path)) context.skip('this user may not mount a disk')
    try {
      await expect(lockDataDirectory(dataDirectory(path))).rejects.toThrow(/disk can only be read.*Mount it/)
      await expect(lockDataDirectory(dataDirectory(join(path, 'data')))).rejects.toThrow(/disk can only be read/)
    } finally {
      execFileSync('umount', [path])
    }
  })
})
