import { describe, expect, it } from 'vitest'
import { messageOf, traceOf } from './outbox.ts'

describe('An entry of a stream', () => {
  const said = { epoch: 1, incarnation: { epoch: 1, counter: 2 }, body: { type: 'left' } }
  const entryOf = (content: object) => ({
    seq: 1,
    account: '111122223333',
    keyId: 'mrk-1',
    body: JSON.stringify(content),
  })
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  it('is the same message whatever it is traced as', () => {
    const plain = messageOf(entryOf(said), 'us-east-1', 'eu-west-1')
    expect(messageOf(entryOf({ ...said, trace }), 'us-east-1', 'eu-west-1')).toEqual(plain)
  })

  it('says what has led to it, where that is traced', () => {
    expect(traceOf(entryOf({ ...said, trace }))).toBe(trace)
    expect(traceOf(entryOf(said))).toBeNull()
  })
})
