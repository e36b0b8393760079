import { rootArn } from '../../domain/arn.ts'
import { phrase } from '../../policy/partial/describe.ts'
import { authorizePartially } from '../../policy/partial/partial.ts'
import type { Rest } from '../../policy/partial/rest.ts'
import type { Authority } from './decide.ts'
import type { OwnSide, Reason } from '../errors.ts'
import { frameOpen } from './open-question.ts'
import { need } from './need.ts'
import type { Call } from '../call.ts'
import { isOfResource } from './other-side.ts'

/**
 * Tells the account of a caller that another account does not let in how far its own policies go.
 *
 * SECURITY: the answer is the same whether what was asked for exists or not. It follows from the caller and from what
 * its request says, and conditions on what the resource has stay open.
 */
export async function ownSide({ action, arn, owner }: OwnSide, call: Call, authority: Authority): Promise<Reason> {
  const { caller } = call
  const whose = owner === null ? 'its account' : `account ${owner}`
  const what = arn ?? (action === 'sts:AssumeRole' ? 'The role' : 'The key')
  const closed = `${what} is not there, or ${whose} does not let ${caller.arn} in with ${action}.`
  const who = `Which of the two, ${whose} sees under the same id.`
  if (arn === null) return { why: `${closed} ${who}`, remedy: `Ask ${whose} to let account ${caller.account} in.` }
  const own = await ownAnswer({ action, arn, owner }, call, authority)
  const principal = String(caller.keys['aws:PrincipalArn'] ?? caller.arn)
  const statement = { Effect: 'Allow', Principal: { AWS: rootArn(caller.account) }, Action: action }
  const isRole = action === 'sts:AssumeRole'
  const asked = JSON.stringify(isRole ? statement : { ...statement, Resource: '*' })
  const mine = JSON.stringify({ Effect: 'Allow', Action: action, Resource: arn })
  const halves = [
    `${whose} must put a statement such as this into ${isRole ? 'its trust policy' : "the key's policy"}:\n  ${asked}`,
  ]
  if (own === false) halves.push(`and a policy of ${principal} must allow it too:\n  ${mine}`)
  return {
    why: `${closed} ${who}\nAs far as the policies of account ${caller.account} go, ${caller.arn} ${mayDo(own)}.`,
    remedy: halves.join('\n'),
  }
}

async function ownAnswer({ action, arn, owner }: OwnSide, call: Call, authority: Authority): Promise<Rest> {
  const context = owner === null ? {} : { 'aws:ResourceAccount': owner }
  const question = await frameOpen(need(action, arn ?? '*', call.region, context), call, authority)
  return authorizePartially({ ...question, isOpen: (key) => isOfResource(key) || question.isOpen(key) })
}

function mayDo(own: Rest): string {
  if (typeof own === 'boolean') return own ? 'may do this' : 'may not do this either'
  return `may do this if ${phrase(own)}`
}
