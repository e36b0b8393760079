import { describe, expect, it } from 'vitest'
import { crash } from './crash.ts'

describe('A server that is killed under load', () => {
  it('loses nothing that it has answered, has one primary a key, and opens every ciphertext', async () => {
    const { answered, imports, ciphertexts } = await crash(5)
    expect(answered).toBeGreaterThan(0)
    expect(imports).toBeGreaterThan(0)
    expect(ciphertexts).toBeGreaterThan(0)
  }, 120_000)
})
