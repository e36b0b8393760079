import { createSecretKey } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DomainKey } from '../crypto/sealing/keyring.ts'
import { randomSecret } from '../crypto/random.ts'
import { createPageMarkers } from './page-markers.ts'

const domainKey = (version: number): DomainKey => ({ version, key: createSecretKey(randomSecret(32)) })
const first = domainKey(1)
const second = domainKey(2)
const REGION = 'us-east-1'
const listing = { operation: 'ListKeys', account: '111122223333' }
const markers = createPageMarkers([first], REGION)

describe('A page marker', () => {
  it('gives back the name that it was made from, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 128 }), (name) => {
        expect(markers.open(listing, markers.seal(listing, name))).toBe(name)
      }),
    )
  })

  it('shows nothing of the name, and fits the API with the longest there is', () => {
    const name = `alias/${'n'.repeat(250)}`
    const longest = '\u{10348}'.repeat(128)
    expect(Buffer.from(markers.seal(listing, name), 'base64').toString('latin1')).not.toContain('nn')
    expect(markers.seal(listing, longest).length).toBeLessThanOrEqual(1024)
  })

  it('can still be read after the domain key has changed, and by no other Region’s', () => {
    const marker = markers.seal(listing, 'name')
    expect(createPageMarkers([first, second], REGION).open(listing, marker)).toBe('name')
    expect(createPageMarkers([second], REGION).open(listing, marker)).toBeNull()
    expect(createPageMarkers([first], 'eu-west-1').open(listing, marker)).toBeNull()
  })

  it('belongs to its operation and account', () => {
    const marker = markers.seal(listing, 'name')
    expect(markers.open({ ...listing, operation: 'ListAliases' }, marker)).toBeNull()
    expect(markers.open({ ...listing, account: '444455556666' }, marker)).toBeNull()
  })

  it('means nothing once a single character of it is changed, added or missing', () => {
    const marker = markers.seal(listing, 'name')
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    for (let index = 0; index < marker.length; index += 1) {
      const other = characters[(characters.indexOf(marker.charAt(index)) + 1) % characters.length] ?? ''
      expect(markers.open(listing, marker.slice(0, index) + other + marker.slice(index + 1))).toBeNull()
      expect(markers.open(listing, marker.slice(0, index))).toBeNull()
    }
    for (const more of ['A', '=', ' ', '\n']) expect(markers.open(listing, marker + more)).toBeNull()
  })

  it('is not made by guessing', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => markers.open(listing, text) === null))
  })
})
