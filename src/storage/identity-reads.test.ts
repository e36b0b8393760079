import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { opening } from '../../test/root-key.ts'
import { AWS_MANAGED_POLICIES } from '../domain/aws-managed-policies.ts'
import { policyArn } from '../domain/identity-arn.ts'
import type { Group, ManagedPolicy, Role, User } from '../domain/identity.ts'
import type { GlobalReads, GlobalStore } from './global-store.ts'
import { openGlobalStore } from './open-global-store.ts'
import { managedPolicyText, policiesOfRole, policiesOfUser } from './identity-reads.ts'

const ACCOUNT = '111122223333'
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess'

const identity = { id: 'x', name: 'X', path: '/', createdAt: 0, inlinePolicies: {}, attachedPolicies: [] }
const user: User = { ...identity, id: 'AIDA1', groups: [], boundary: null, tags: [] }
const group: Group = { ...identity, id: 'AGPA1', name: 'Admins', inlinePolicies: { g: 'group inline' } }
const role: Role = {
  ...identity,
  id: 'AROA1',
  trustPolicy: '',
  trustPrincipals: {},
  description: '',
  maxSessionDuration: 3600,
  boundary: null,
  tags: [],
  serviceLinkedTo: null,
}
const managed: ManagedPolicy = {
  id: 'ANPA1',
  name: 'Managed',
  path: '/team/',
  description: '',
  createdAt: 0,
  updatedAt: 0,
  versions: [
    { id: 'v1', text: 'first', createdAt: 0 },
    { id: 'v2', text: 'second', createdAt: 0 },
  ],
  defaultVersion: 'v1',
  nextVersion: 3,
  tags: [],
}
const MANAGED = policyArn(ACCOUNT, managed)

let place: TestStore
let store: GlobalStore
let reads: GlobalReads

describe.each(ENGINES)('In the global store on $name', ({ newStore }) => {
  beforeAll(async () => {
    place = await newStore('global')
    store = await openGlobalStore(place.where, opening)
    reads = store.reads
    await store.transaction(async (writes) => {
      await writes.putDocument({ kind: 'policy', account: ACCOUNT, name: 'managed' }, managed, managed.id)
      const admins = { ...group, attachedPolicies: [MANAGED] }
      await writes.putDocument({ kind: 'group', account: ACCOUNT, name: 'admins' }, admins, group.id)
    })
  })
  afterAll(async () => {
    await store.close()
    await place[Symbol.asyncDispose]()
  })

  describe('the policies of a user', () => {
    it('are its own, those attached to it and those of its groups', async () => {
      const owner = {
        ...user,
        inlinePolicies: { u: 'user inline' },
        attachedPolicies: [ADMINISTRATOR],
        groups: ['admins'],
      }
      expect(await policiesOfUser(reads, ACCOUNT, owner)).toEqual([
        { name: 'u', title: `inline policy u of user ${owner.name}`, of: `user ${owner.name}`, text: 'user inline' },
        {
          name: 'AdministratorAccess',
          title: `policy AdministratorAccess of user ${owner.name}`,
          of: `user ${owner.name}`,
          arn: ADMINISTRATOR,
          text: expect.stringContaining('"Action":"*"'),
        },
        { name: 'g', title: 'inline policy g of group Admins', of: 'group Admins', text: 'group inline' },
        { name: 'Managed', title: 'policy Managed of group Admins', of: 'group Admins', arn: MANAGED, text: 'first' },
      ])
    })

    it('are not given where one cannot be read: it may have been a denial', async () => {
      await expect(policiesOfUser(reads, ACCOUNT, { ...user, groups: ['lost'] })).rejects.toThrow('INVARIANT')
      const lost = policyArn(ACCOUNT, { path: '/', name: 'Lost' })
      await expect(policiesOfRole(reads, { ...role, attachedPolicies: [lost] })).rejects.toThrow('INVARIANT')
    })
  })

  describe('a managed policy', () => {
    it('is read in the version that decides', async () => {
      expect(await managedPolicyText(reads, MANAGED)).toBe('first')
      expect(await policiesOfRole(reads, { ...role, attachedPolicies: [MANAGED] })).toHaveLength(1)
    })

    it.each([
      policyArn(ACCOUNT, { path: '/', name: 'Managed' }),
      policyArn(ACCOUNT, { path: '/team/', name: 'managed' }),
      policyArn('444455556666', managed),
      'arn:aws:iam::aws:policy/Unknown',
      'arn:aws:iam::111122223333:user/Managed',
      '',
    ])('is not found under %j', async (arn) => {
      expect(await managedPolicyText(reads, arn)).toBeNull()
    })

    it.each([...AWS_MANAGED_POLICIES])('%s of AWS has its default version', async (arn, policy) => {
      const text = await managedPolicyText(reads, arn)
      expect(JSON.parse(text ?? '')).toMatchObject({ Version: '2012-10-17' })
      expect(policy.id).toMatch(/^ANPA[A-Z0-9]{17}$/)
    })
  })
})
