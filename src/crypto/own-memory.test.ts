import { describe, expect, it } from 'vitest'
import { ownMemory } from './own-memory.ts'

describe('What has its memory to itself', () => {
  it('is what was given, in as much memory as that has', () => {
    const given = [Buffer.from('one'), Buffer.from(''), Buffer.from('three')] as const
    const [one, none, three] = ownMemory(...given)
    expect([one, none, three]).toEqual(given)
    for (const copy of [one, none, three]) expect(copy.buffer.byteLength).toBe('onethree'.length)
  })

  it('is a copy', () => {
    const given = Buffer.from('one')
    const [copy] = ownMemory(given)
    given.fill(0)
    expect(copy.toString()).toBe('one')
  })
})
