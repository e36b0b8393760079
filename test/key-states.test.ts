import { describe, expect, it } from 'vitest'
import { NO_IMPORTS } from '../src/domain/imports.ts'
import type { KeyRecord } from '../src/domain/key.ts'
import { keyState, refuseInState, STATE_TABLE, type KeyState, type StatefulOperation } from '../src/domain/key-state.ts'
import type { Family } from '../src/domain/multi-region.ts'
import { kmsOperations } from '../src/services/kms/index.ts'
import { keyRecord } from './key-record.ts'
import { columns, expectGolden } from './golden-file.ts'

const family: Family = {
  epoch: 1,
  revision: 1,
  incarnation: { epoch: 1, counter: 1 },
  active: true,
  primaryRegion: 'us-east-1',
  replicaRegions: ['eu-west-1'],
  authority: { members: {}, counter: 1, handOff: null, awaiting: null },
}

const enabled = keyRecord({ id: 'mrk-1234abcd12ab34cd56ef1234567890ab', family })

/** A key in each state. */
const KEYS: Readonly<Record<KeyState, KeyRecord>> = {
  Enabled: enabled,
  Disabled: { ...enabled, enabled: false },
  PendingDeletion: { ...enabled, deletion: { windowDays: 7, at: 1 } },
  PendingReplicaDeletion: { ...enabled, deletion: { windowDays: 7, at: null } },
  PendingImport: { ...enabled, origin: 'EXTERNAL', imports: NO_IMPORTS },
  Creating: { ...enabled, family: { ...family, active: false, authority: null } },
  Updating: {
    ...enabled,
    family: { ...family, authority: { members: {}, counter: 1, handOff: null, awaiting: 'eu-west-1' } },
  },
}
const STATES = Object.keys(KEYS) as KeyState[]
const OPERATIONS = Object.keys(STATE_TABLE) as StatefulOperation[]

const LEGEND = `What each state of a key lets be done ("Key states of AWS KMS keys", AWS KMS Developer Guide)

  yes                    allowed
  disabled               DisabledException
  external-origin        UnsupportedOperationException: imported material has none of it
  every other word       KMSInvalidStateException, which says it

Operations that are not here are on no key, and no state refuses them.
`

describe('The table of key states', () => {
  it('is of keys that are in those states', () => {
    for (const state of STATES) expect(keyState(KEYS[state])).toBe(state)
  })

  it('has every operation that is on a key', () => {
    const keyless = kmsOperations.map(({ name }) => name).filter((name) => !Object.hasOwn(STATE_TABLE, name))
    const stores = keyless.filter((name) => name.includes('CustomKeyStore'))
    // When a key was last used can be asked of it in every state.
    const always = ['CreateKey', 'GenerateRandom', 'GetKeyLastUsage', 'ListAliases', 'ListKeys', 'ListRetirableGrants']
    expect(keyless.filter((name) => !stores.includes(name))).toEqual(always)
  })

  it('is the one that was approved', async () => {
    const rows = OPERATIONS.map((operation) => [
      operation,
      ...STATES.map((state) => refuseInState(operation, KEYS[state]) ?? 'yes'),
    ])
    await expectGolden('key-states.txt', `${LEGEND}\n${columns([['operation', ...STATES], ...rows])}`)
  })
})
