import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkpointText, parseCheckpoint, WHOLE } from './checkpoint.ts'
import { noteText, parseNote, parseVerifier, signNote, verifierText, verifyNote, type KeyKind } from './note.ts'

const signer = (name: string, kind: KeyKind) => ({ name, kind, ...generateKeyPairSync('ed25519') })
const log = signer('keyspan/d/us-east-1', 'log')
const witness = signer('keyspan/d/eu-west-1/witness', 'witness')
const checkpoint = {
  origin: log.name,
  size: 12,
  root: Buffer.alloc(32, 7),
  place: { file: '2026-11-28.jsonl', offset: 4711 },
  begins: { record: 3, file: '2026-11-27.jsonl' },
  state: { begun: 'ab12', writes: 9, digest: 'c3RhdGU=' },
  time: Date.parse('2026-11-28T12:00:00.123Z'),
}

describe('A note', () => {
  const text = checkpointText(checkpoint)
  const written = noteText({ text, signatures: [signNote(log, text, 5), signNote(witness, text, 1_700_000_000)] })

  it('is read as it was written, with the time of each cosignature', () => {
    const note = parseNote(written)
    if (note === null) throw new Error('no note')
    expect(note.text).toBe(text)
    expect(verifyNote(log, note)).toBe(0)
    expect(verifyNote(witness, note)).toBe(1_700_000_000)
    expect(verifyNote(signer(witness.name, 'witness'), note)).toBeNull()
    expect(verifyNote({ ...witness, kind: 'log' }, note)).toBeNull()
    expect(parseCheckpoint(note.text)).toEqual(checkpoint)
  })

  it('has no good signature once anything in it was changed', () => {
    for (let at = 0; at < written.length; at += 1) {
      const note = parseNote(`${written.slice(0, at)}${written[at] === 'A' ? 'B' : 'A'}${written.slice(at + 1)}`)
      if (note === null) continue
      const isGood = verifyNote(log, note) !== null && verifyNote(witness, note) !== null
      // The last digit of a number in base64 has bits that count for nothing.
      if (isGood) expect(note.text).toBe(text)
    }
  })

  it('is none where it is not whole', () => {
    for (const bad of ['', 'text\n', 'text\n\n', 'text\n\nsignature\n', written.slice(0, -1)]) {
      expect(parseNote(bad)).toBeNull()
    }
  })
})

describe('A public key', () => {
  it('is told and read, with its name and kind', () => {
    for (const key of [log, witness]) {
      const read = parseVerifier(verifierText(key))
      expect(read?.publicKey.equals(key.publicKey)).toBe(true)
      expect(read).toMatchObject({ name: key.name, kind: key.kind })
    }
    for (const bad of ['', 'name', verifierText(log).replace('us-east-1', 'us-east-2'), `${verifierText(log)}AAAA`]) {
      expect(parseVerifier(bad)).toBeNull()
    }
  })
})

describe('A checkpoint', () => {
  it('of a log of which nothing was deleted does not say where that begins', () => {
    const whole = { ...checkpoint, begins: WHOLE }
    expect(checkpointText(whole)).not.toContain('begins')
    expect(parseCheckpoint(checkpointText(whole))).toEqual(whole)
  })

  it('of nothing has no file', () => {
    const none = { ...checkpoint, size: 0, place: { file: '', offset: 0 } }
    expect(parseCheckpoint(checkpointText(none))).toEqual(none)
  })

  it.each(['', 'a\n', `${checkpointText(checkpoint)}more\n`, checkpointText(checkpoint).replace('12', '012')])(
    'is none where it is written otherwise: %j',
    (text) => expect(parseCheckpoint(text)).toBeNull(),
  )
})
