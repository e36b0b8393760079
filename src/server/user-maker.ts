import { z } from 'zod'
import { rootArn } from '../domain/arn.ts'
import { AWS_MANAGED_POLICIES } from '../domain/aws-managed-policies.ts'
import type { Caller } from '../kernel/identities/caller.ts'
import { WireError } from '../kernel/errors.ts'
import type { Identities } from '../kernel/identities/identities.ts'
import type { Invoker } from '../kernel/invoke.ts'
import type { NewAccessKey } from '../kernel/identities/new-access-key.ts'
import type { GlobalReads } from '../storage/global-store.ts'
import { AccountError, FIRST_ACCOUNT } from './data/accounts.ts'
import type { DataDirectory } from './data/data-directory.ts'
import { accessKeyOf, addProfile, type ProfilePlace } from './data/profiles.ts'
import { askOperation } from './ask-operation.ts'

/** Who is asked for. */
export interface NewUser {
  readonly account: string
  readonly name: string
  /** ARNs of managed policies, or their names. */
  readonly policies: readonly string[]
}

/** A user that was made, with its access key, which is shown once. */
export interface MadeUser extends NewAccessKey {
  readonly arn: string
  readonly profile: string
}

/** What users are made with. */
export interface UserMakerTools {
  readonly data: DataDirectory
  readonly place: ProfilePlace
  readonly reads: GlobalReads
  readonly identities: Identities
  readonly invoker: Pick<Invoker, 'invoke'>
  readonly now: () => number
}

/** Asks IAM as somebody. */
type AskIam = (name: string, input: Readonly<Record<string, unknown>>, caller: Caller) => Promise<unknown>

const userAnswer = z.object({ User: z.object({ Arn: z.string() }) })
const keysAnswer = z.object({ AccessKeyMetadata: z.array(z.unknown()) })
const keyAnswer = z.object({ AccessKey: z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string() }) })

/**
 * Makes users as the root user of their account would, by IAM's own operations: checked and recorded like any other
 * call. What was cut off is taken up again, as long as the user has no access key.
 */
export function createUserMaker(tools: UserMakerTools): (user: NewUser) => Promise<MadeUser> {
  const ask: AskIam = (name, input, caller) =>
    askOperation(tools, { service: 'iam', name, input, caller, region: tools.place.region })
  return async ({ account, name, policies }) => {
    const caller = await tools.identities.callerNamed(rootArn(account))
    const isAccount = (await tools.reads.document({ kind: 'account', account, name: account })) !== null
    if (caller === null || !isAccount) {
      const remedy = /^\d{12}$/.test(account)
        ? `Make it first: keyspan account create ${account}`
        : 'It takes 12 digits.'
      throw new AccountError(`There is no account ${account}. ${remedy}`)
    }
    const profile = account === FIRST_ACCOUNT ? name : `${name}-${account}`
    await requireFreeProfile(profile, tools)
    const arns = policies.map((policy) => policyArn(policy, account))
    for (const PolicyArn of arns) await ask('GetPolicy', { PolicyArn }, caller)
    const arn = await makeUser(name, caller, ask)
    for (const PolicyArn of arns) await ask('AttachUserPolicy', { UserName: name, PolicyArn }, caller)
    const { AccessKey } = keyAnswer.parse(await ask('CreateAccessKey', { UserName: name }, caller))
    const key = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey }
    await addProfile(tools.data, profile, key, tools.place)
    return { arn, profile, ...key }
  }
}

/** A profile whose access key still is somebody's is not written over. */
async function requireFreeProfile(profile: string, { data, reads }: UserMakerTools): Promise<void> {
  const id = await accessKeyOf(data, profile)
  const key = id === null ? null : await reads.accessKey(id)
  if (key === null) return
  throw new AccountError(
    `The profile ${profile} in ${data.credentials} is in use: its access key is somebody’s. Choose another name.`,
  )
}

/** The ARN of a managed policy that was given by its ARN or its name: of AWS, or else of the account. */
export function policyArn(policy: string, account: string): string {
  if (policy.startsWith('arn:')) return policy
  const ofAws = `arn:aws:iam::aws:policy/${policy}`
  return AWS_MANAGED_POLICIES.has(ofAws) ? ofAws : `arn:aws:iam::${account}:policy/${policy}`
}

async function makeUser(name: string, caller: Caller, ask: AskIam): Promise<string> {
  try {
    return userAnswer.parse(await ask('CreateUser', { UserName: name }, caller)).User.Arn
  } catch (error) {
    if (!(error instanceof WireError) || error.code !== 'EntityAlreadyExists') throw error
    const { AccessKeyMetadata } = keysAnswer.parse(await ask('ListAccessKeys', { UserName: name }, caller))
    if (AccessKeyMetadata.length > 0) {
      throw new AccountError(
        `User ${name} exists and has an access key. Another one: aws iam create-access-key --user-name ${name}`,
      )
    }
    return userAnswer.parse(await ask('GetUser', { UserName: name }, caller)).User.Arn
  }
}
