import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { opening } from '../../../test/root-key.ts'
import { rootCaller } from '../../kernel/identities/caller.ts'
import type { Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalStore } from '../../storage/global-store.ts'
import { openGlobalStore } from '../../storage/open-global-store.ts'
import { iamOperations } from './index.ts'

const ACCOUNT = '111122223333'
const DOCUMENT = '{"Version":"2012-10-17","Statement":[]}'
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/p/P`
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/B`

const call: Call = {
  requestId: 'r',
  now: 0,
  region: 'us-east-1',
  caller: rootCaller(ACCOUNT, 'AKIAEXAMPLE'),
  sourceIp: '127.0.0.1',
  userAgent: '',
  secure: false,
}

/** Everything that any operation takes, so that each finds its own. */
const everything = {
  UserName: 'U',
  GroupName: 'G',
  RoleName: 'R',
  NewUserName: 'U2',
  NewGroupName: 'G2',
  NewPath: '/n/',
  Path: '/a/',
  PathPrefix: '/a/',
  PolicyName: 'P',
  PolicyArn: POLICY,
  PolicyDocument: DOCUMENT,
  AssumeRolePolicyDocument: DOCUMENT,
  PermissionsBoundary: BOUNDARY,
  VersionId: 'v1',
  AccessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  Status: 'Active',
  Description: '',
  Tags: [{ Key: 'team', Value: 'a' }],
  TagKeys: ['team'],
  AWSServiceName: 'mrk.kms.amazonaws.com',
  DeletionTaskId: `task/aws-service-role/mrk.kms.amazonaws.com/R/${'0'.repeat(36)}`,
  PolicySourceArn: `arn:aws:iam::${ACCOUNT}:user/U`,
  PolicyInputList: [DOCUMENT],
  ActionNames: ['kms:Encrypt'],
}

let directory: string
let store: GlobalStore
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  store = await openGlobalStore(join(directory, 'global.sqlite'), opening)
  await store.transaction(async (writes) => {
    const user = {
      id: 'AIDA1',
      name: 'U',
      path: '/team/',
      createdAt: 0,
      inlinePolicies: {},
      attachedPolicies: [],
      groups: [],
      boundary: BOUNDARY,
      tags: [{ key: 'owner', value: 'b' }],
    }
    await writes.putDocument({ kind: 'user', account: ACCOUNT, name: 'u' }, user, user.id)
  })
})
afterAll(async () => {
  await store.close()
  rmSync(directory, { recursive: true })
})

async function needsOf(name: string, body: Readonly<Record<string, unknown>> = everything): Promise<readonly Need[]> {
  const operation = iamOperations.find((each) => each.name === name)
  if (operation === undefined) throw new Error(`There is no ${name}.`)
  const input: unknown = operation.input.parse(body)
  return operation.requires(input, await operation.load(input, call, store.reads), call)
}

function shortArn({ on }: Need): string {
  return typeof on === 'string' ? on.replace(`arn:aws:iam::${ACCOUNT}:`, '') : 'a key'
}

describe('The permission for', () => {
  it.each(iamOperations.map(({ name }) => name))('%s has its name, and is asked for in us-east-1', async (name) => {
    const [first, ...others] = await needsOf(name)
    expect(first).toMatchObject({ action: `iam:${name}`, region: 'us-east-1', foundBy: 'name' })
    for (const { action, on, region } of others) {
      expect([action, region]).toEqual([expect.stringMatching(/^iam:/), 'us-east-1'])
      expect(on).toMatch(/^arn:aws:iam::/)
    }
  })

  it('what is there is on its own ARN, with its tags and its boundary', async () => {
    expect(await needsOf('AttachUserPolicy')).toEqual([
      {
        action: 'iam:AttachUserPolicy',
        on: `arn:aws:iam::${ACCOUNT}:user/team/U`,
        region: 'us-east-1',
        context: {
          'aws:ResourceTag/owner': 'b',
          'iam:ResourceTag/owner': 'b',
          'iam:PermissionsBoundary': BOUNDARY,
          'iam:PolicyARN': POLICY,
        },
        foundBy: 'name',
      },
    ])
  })

  it('what is to be made is on the ARN that it will have, and tags need a permission of their own', async () => {
    const tags = { 'aws:RequestTag/team': 'a', 'aws:TagKeys': ['team'] }
    const on = `arn:aws:iam::${ACCOUNT}:role/a/R`
    expect(await needsOf('CreateRole')).toMatchObject([
      { action: 'iam:CreateRole', on, context: { ...tags, 'iam:PermissionsBoundary': BOUNDARY } },
      { action: 'iam:TagRole', on, context: tags },
    ])
  })

  it('another name is asked for under both names', async () => {
    const [before, after] = await needsOf('UpdateUser')
    expect([before?.on, after?.on]).toEqual([
      `arn:aws:iam::${ACCOUNT}:user/team/U`,
      `arn:aws:iam::${ACCOUNT}:user/n/U2`,
    ])
  })

  it('each operation is on what this table says', async () => {
    const table: string[] = []
    for (const { name } of iamOperations) {
      const needs = await needsOf(name)
      table.push(`${name} ${needs.map(shortArn).join(' ')}`)
    }
    expect(table).toMatchInlineSnapshot(`
      [
        "AddUserToGroup group/G",
        "AttachGroupPolicy group/G",
        "AttachRolePolicy role/R",
        "AttachUserPolicy user/team/U",
        "CreateAccessKey user/team/U",
        "CreateGroup group/a/G",
        "CreatePolicy policy/a/P policy/a/P",
        "CreatePolicyVersion policy/p/P",
        "CreateRole role/a/R role/a/R",
        "CreateServiceLinkedRole role/aws-service-role/mrk.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
        "CreateUser user/a/U user/a/U",
        "DeleteAccessKey user/team/U",
        "DeleteGroup group/G",
        "DeleteGroupPolicy group/G",
        "DeletePolicy policy/p/P",
        "DeletePolicyVersion policy/p/P",
        "DeleteRole role/R",
        "DeleteRolePermissionsBoundary role/R",
        "DeleteRolePolicy role/R",
        "DeleteServiceLinkedRole role/R",
        "DeleteUser user/team/U",
        "DeleteUserPermissionsBoundary user/team/U",
        "DeleteUserPolicy user/team/U",
        "DetachGroupPolicy group/G",
        "DetachRolePolicy role/R",
        "DetachUserPolicy user/team/U",
        "GetAccessKeyLastUsed *",
        "GetAccountSummary *",
        "GetGroup group/G",
        "GetGroupPolicy group/G",
        "GetLoginProfile user/team/U",
        "GetPolicy policy/p/P",
        "GetPolicyVersion policy/p/P",
        "GetRole role/R",
        "GetRolePolicy role/R",
        "GetServiceLinkedRoleDeletionStatus role/R",
        "GetUser user/team/U",
        "GetUserPolicy user/team/U",
        "ListAccessKeys user/team/U",
        "ListAccountAliases *",
        "ListAttachedGroupPolicies group/G",
        "ListAttachedRolePolicies role/R",
        "ListAttachedUserPolicies user/team/U",
        "ListEntitiesForPolicy policy/p/P",
        "ListGroupPolicies group/G",
        "ListGroups group/a/",
        "ListGroupsForUser user/team/U",
        "ListInstanceProfilesForRole role/R",
        "ListMFADevices user/team/U",
        "ListPolicies *",
        "ListPolicyTags policy/p/P",
        "ListPolicyVersions policy/p/P",
        "ListRolePolicies role/R",
        "ListRoleTags role/R",
        "ListRoles role/a/",
        "ListSSHPublicKeys user/team/U",
        "ListServiceSpecificCredentials user/team/U",
        "ListSigningCertificates user/team/U",
        "ListUserPolicies user/team/U",
        "ListUserTags user/team/U",
        "ListUsers user/a/",
        "ListVirtualMFADevices *",
        "PutGroupPolicy group/G",
        "PutRolePermissionsBoundary role/R",
        "PutRolePolicy role/R",
        "PutUserPermissionsBoundary user/team/U",
        "PutUserPolicy user/team/U",
        "RemoveUserFromGroup group/G",
        "SetDefaultPolicyVersion policy/p/P",
        "SimulateCustomPolicy *",
        "SimulatePrincipalPolicy user/U",
        "TagPolicy policy/p/P",
        "TagRole role/R",
        "TagUser user/team/U",
        "UntagPolicy policy/p/P",
        "UntagRole role/R",
        "UntagUser user/team/U",
        "UpdateAccessKey user/team/U",
        "UpdateAssumeRolePolicy role/R",
        "UpdateGroup group/G group/n/G2",
        "UpdateRole role/R",
        "UpdateRoleDescription role/R",
        "UpdateUser user/team/U user/n/U2",
      ]
    `)
  })
})
