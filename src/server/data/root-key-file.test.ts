import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeyringError } from '../../crypto/sealing/keyring.ts'
import { openRootKeyFile } from './root-key-file.ts'

const ABOUT = { deployment: 'deployment', partition: 'aws', region: 'us-east-1', version: 1, format: 2 }
let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  path = join(directory, 'root.key')
})
afterEach(() => rm(directory, { recursive: true }))

describe('A root key file', () => {
  it('is made where it may be, as its owner’s alone, and opens what it wrapped', async () => {
    const made = await openRootKeyFile({ path, mayCreate: true })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const wrapped = await made.wrap(Buffer.from('a domain key'), ABOUT)
    const again = await openRootKeyFile({ path, mayCreate: false })
    expect(again.currentRef()).toBe(wrapped.ref)
    expect((await again.unwrap(wrapped, ABOUT)).toString()).toBe('a domain key')
    await expect(again.unwrap(wrapped, { ...ABOUT, version: 2 })).rejects.toThrow(KeyringError)
    await expect(again.unwrap({ ...wrapped, blob: wrapped.blob.subarray(0, 5) }, ABOUT)).rejects.toThrow(KeyringError)
  })

  it('is not made where data depends on one that is missing', async () => {
    await expect(openRootKeyFile({ path, mayCreate: false })).rejects.toThrow(/is missing.*backup/)
    await expect(stat(path)).rejects.toThrow(/ENOENT/)
  })

  it('is whole or not there, whatever the first start that was making it has left', async () => {
    await writeFile(`${path}.new`, 'kmsroot-v1:half', { mode: 0o600 })
    const made = await openRootKeyFile({ path, mayCreate: true })
    expect((await openRootKeyFile({ path, mayCreate: false })).currentRef()).toBe(made.currentRef())
    await expect(stat(`${path}.new`)).rejects.toThrow(/ENOENT/)
  })

  it('that is a pipe or a directory is refused at once', async () => {
    await mkdir(path)
    await expect(openRootKeyFile({ path, mayCreate: true })).rejects.toThrow(/is no file/)
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', ['-m', '600', pipe])
    await expect(openRootKeyFile({ path: pipe, mayCreate: true })).rejects.toThrow(/is no file/)
  })

  it('is never written to where it exists', async () => {
    await openRootKeyFile({ path, mayCreate: true })
    const before = await readFile(path, 'utf8')
    await openRootKeyFile({ path, mayCreate: true })
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  it.each([0o640, 0o604, 0o620, 0o602])('that others may use (%o) is refused, and said how to mend', async (mode) => {
    await openRootKeyFile({ path, mayCreate: true })
    await chmod(path, mode)
    await expect(openRootKeyFile({ path, mayCreate: false })).rejects.toThrow(`chmod 600 ${path}`)
  })

  describe.skipIf(process.geteuid?.() !== 0)('of another user', () => {
    afterEach(() => process.seteuid?.(0))

    /** Makes one as root, gives it away, and opens it as a user that is none of them. */
    async function openAs(user: number, owner: number, mode: number): Promise<string> {
      const made = await openRootKeyFile({ path, mayCreate: true })
      await chmod(directory, 0o755)
      await chmod(path, mode)
      await chown(path, owner, process.getegid?.() ?? 0)
      process.seteuid?.(user)
      const opened = await openRootKeyFile({ path, mayCreate: false })
      return opened.currentRef() === made.currentRef() ? 'opens' : 'is another'
    }

    it('is taken where it is root’s, and its group may read it', async () => {
      expect(await openAs(4711, 0, 0o440)).toBe('opens')
    })

    it.each([0o444, 0o460, 0o450, 0o442])('is refused where it is root’s, with more than that (%o)', async (mode) => {
      await expect(openAs(4711, 0, mode)).rejects.toThrow(`chmod 640 ${path}`)
    })

    it('is refused where it is anybody else’s', async () => {
      await expect(openAs(4711, 4712, 0o440)).rejects.toThrow(`chown 4711 ${path}`)
    })
  })

  it('wraps with its first key and opens with former ones', async () => {
    const former = await openRootKeyFile({ path, mayCreate: true })
    const wrapped = await former.wrap(Buffer.from('old'), ABOUT)
    const newer = join(directory, 'newer.key')
    const current = await openRootKeyFile({ path: newer, mayCreate: true })
    await expect(current.unwrap(wrapped, ABOUT)).rejects.toThrow(`Root key ${wrapped.ref} is not in`)
    await writeFile(path, (await readFile(newer, 'utf8')) + (await readFile(path, 'utf8')))
    const both = await openRootKeyFile({ path, mayCreate: false })
    expect(both.currentRef()).toBe(current.currentRef())
    expect((await both.unwrap(wrapped, ABOUT)).toString()).toBe('old')
  })

  it('that is damaged is refused by the place of the line, never by what it says', async () => {
    await openRootKeyFile({ path, mayCreate: true })
    const secret = (await readFile(path, 'utf8')).trim().split(':')[2] ?? ''
    await writeFile(path, `kmsroot-v1:short:${secret}\n`)
    const error: unknown = await openRootKeyFile({ path, mayCreate: true }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(KeyringError)
    expect(String(error)).toContain(`line 1 of ${path}`)
    expect(String(error)).not.toContain(secret)
  })

  it('that was cut short to nothing is refused, and not made anew', async () => {
    await writeFile(path, '', { mode: 0o600 })
    await expect(openRootKeyFile({ path, mayCreate: true })).rejects.toThrow(`rm ${path}`)
    await expect(openRootKeyFile({ path, mayCreate: false })).rejects.toThrow(/is empty.*backup/)
    expect(await readFile(path, 'utf8')).toBe('')
  })
})
