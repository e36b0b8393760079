import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { opening } from '../../test/root-key.ts'
import { initialPolicies, type AttachedPolicies, type Organization } from '../domain/organization.ts'
import type { GlobalStore, GlobalWrites } from './global-store.ts'
import { openGlobalStore } from './open-global-store.ts'
import { memberId, organizationLayersOf } from './organization-reads.ts'

const MANAGEMENT = '111122223333'
const MEMBER = '444455556666'
const OUTER = 'ou-ab12-11111111'
const INNER = 'ou-ab12-22222222'
const TEXT = '{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}'

const fullAt = (of: string) => ({
  name: 'FullAWSAccess',
  id: 'p-FullAWSAccess',
  title: `SCP FullAWSAccess (p-FullAWSAccess) at ${of}`,
  of,
  arn: 'arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess',
  text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
})
const DENY = {
  name: 'no keys',
  id: 'p-12345678',
  title: `SCP no keys (p-12345678) at OU ${INNER}`,
  of: `OU ${INNER}`,
  arn: `arn:aws:organizations::${MANAGEMENT}:policy/o-abcdefghij/service_control_policy/p-12345678`,
  text: TEXT,
}

let place: TestStore
let store: GlobalStore

/** An organization with a unit in a unit: the policy is attached to the inner one, where a member is. */
async function fill(writes: GlobalWrites, policyTypes: Organization['root']['policyTypes']): Promise<void> {
  const plain = initialPolicies({ policyTypes })
  const root = { id: 'r-ab12', policyTypes, attached: plain, tags: [] }
  const id = 'o-abcdefghij'
  const organization = { id, managementAccount: MANAGEMENT, featureSet: 'ALL', createdAt: 0, root } as const
  await writes.putDocument({ kind: 'organization', account: '', name: id }, organization)
  const putUnit = (name: string, parent: string, attached: AttachedPolicies) =>
    writes.putDocument(
      { kind: 'organizational-unit', account: id, name },
      { id: name, name, parent, attached, tags: [] },
    )
  await putUnit(OUTER, root.id, plain)
  await putUnit(INNER, OUTER, {
    ...plain,
    SERVICE_CONTROL_POLICY: [...plain.SERVICE_CONTROL_POLICY, 'p-12345678'],
  })
  await writes.putDocument(
    { kind: 'control-policy', account: id, name: 'p-12345678' },
    { id: 'p-12345678', name: 'no keys', description: '', type: 'SERVICE_CONTROL_POLICY', text: TEXT, tags: [] },
  )
  for (const [account, parent] of [
    [MANAGEMENT, root.id],
    [MEMBER, INNER],
  ] as const) {
    await writes.putDocument(
      { kind: 'organization-member', account: id, name: account },
      { account, parent, joinedAt: 0, joinedBy: 'INVITED', attached: plain, tags: [] },
      memberId(account),
    )
  }
}

describe.each(ENGINES)('organizationLayersOf on $name', ({ newStore }) => {
  beforeEach(async () => {
    place = await newStore('global')
    store = await openGlobalStore(place.where, opening)
  })
  afterEach(async () => {
    await store.close()
    await place[Symbol.asyncDispose]()
  })

  it('is null for an account in no organization', async () => {
    await store.transaction((writes) => fill(writes, ['SERVICE_CONTROL_POLICY']))
    expect(await organizationLayersOf(store.reads, '999999999999')).toBeNull()
  })

  it('has a level for the root, each unit on the way, and the account', async () => {
    await store.transaction((writes) => fill(writes, ['SERVICE_CONTROL_POLICY']))
    expect(await organizationLayersOf(store.reads, MEMBER)).toEqual({
      organizationId: 'o-abcdefghij',
      managementAccount: false,
      orgPaths: `o-abcdefghij/r-ab12/${OUTER}/${INNER}/`,
      scp: [
        [fullAt('the root')],
        [fullAt(`OU ${OUTER}`)],
        [fullAt(`OU ${INNER}`), DENY],
        [fullAt(`account ${MEMBER}`)],
      ],
      rcp: [],
    })
  })

  it('has levels of resource control policies where they are enabled', async () => {
    await store.transaction((writes) => fill(writes, ['RESOURCE_CONTROL_POLICY']))
    const layers = await organizationLayersOf(store.reads, MEMBER)
    expect(layers?.scp).toEqual([])
    expect(layers?.rcp.map((level) => level.map(({ name }) => name))).toEqual(
      Array.from({ length: 4 }, () => ['RCPFullAWSAccess']),
    )
  })

  it('puts no policies over the management account', async () => {
    await store.transaction((writes) => fill(writes, ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY']))
    expect(await organizationLayersOf(store.reads, MANAGEMENT)).toMatchObject({
      managementAccount: true,
      orgPaths: 'o-abcdefghij/r-ab12/',
      scp: [],
      rcp: [],
    })
  })

  it('fails rather than to leave out a policy or a unit that is missing', async () => {
    await store.transaction(async (writes) => {
      await fill(writes, ['SERVICE_CONTROL_POLICY'])
      await writes.deleteDocument({ kind: 'control-policy', account: 'o-abcdefghij', name: 'p-12345678' })
    })
    await expect(organizationLayersOf(store.reads, MEMBER)).rejects.toThrow('INVARIANT')
    await store.transaction((writes) =>
      writes.deleteDocument({ kind: 'organizational-unit', account: 'o-abcdefghij', name: OUTER }),
    )
    await expect(organizationLayersOf(store.reads, MEMBER)).rejects.toThrow(`INVARIANT: a parent exists: ${OUTER}`)
  })
})
