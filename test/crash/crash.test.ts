import { describe, expect, it } from 'vitest'
import { crash } from './crash.ts'
import { fillDisks } from './full-disk.ts'
import { crashFirstStarts, crashUpgrades } from './starts.ts'

describe('A server that is killed under load', () => {
  it('loses nothing that it has answered, has one primary a key, and opens every ciphertext', async () => {
    const { answered, imports, ciphertexts } = await crash(5)
    expect(answered).toBeGreaterThan(0)
    expect(imports).toBeGreaterThan(0)
    expect(ciphertexts).toBeGreaterThan(0)
  }, 120_000)
})

describe('A start that is killed', () => {
  it('is followed by one that serves, and has all that the last release has kept', async () => {
    expect((await crashFirstStarts(1)).starts).toBeGreaterThan(0)
    expect((await crashUpgrades(1)).starts).toBeGreaterThan(0)
  }, 120_000)
})

describe('A full disk', () => {
  it('makes of no change more or less than what is answered, and leaves out no record', async (context) => {
    const report = await fillDisks(1)
    if (report === null) return context.skip('NOT TESTED: only root can mount a disk to fill.')
    expect(report.failed).toBeGreaterThan(0)
    expect(report.uncertain).toBeGreaterThan(0)
  }, 120_000)
})
