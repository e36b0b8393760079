import { authorize } from '../../src/policy/authorize.ts'
import {
  type Access,
  checkAccessNotGranted,
  checkNoNewAccess,
  checkNoPublicAccess,
} from '../../src/policy/compare/checks.ts'
import { conditionKeys, type ConditionValue } from '../../src/policy/context.ts'
import type { PolicyCaller } from '../../src/policy/layers.ts'
import { source } from './engine.ts'

/** A PASS that the engine contradicts. */
class WrongPass extends Error {}

/** Somebody who asks for something. */
export interface Asked {
  readonly caller: PolicyCaller
  readonly action: string
  readonly resource: string
  readonly context: Readonly<Record<string, ConditionValue | undefined>>
}

type Kind = 'identity' | 'key'

/** As the policy decides: for the root user, policies of its own do not. */
function isAllowed(text: string, kind: Kind, { caller, action, resource, context }: Asked, own: boolean): boolean {
  if (kind === 'identity' && caller.type === 'root') return false
  const layer = source(text, kind)
  const everything = source(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    'identity',
  )
  const layers = kind === 'identity' ? { identity: [layer] } : { resource: layer, identity: own ? [everything] : [] }
  const request = { action, resource, keys: conditionKeys(context) }
  const resourceAccount = kind === 'identity' ? {} : { resourceAccount: '111122223333' }
  return authorize({ request, caller, layers, crossAccount: true, ...resourceAccount }).allowed
}

/** Asks whether a policy allows more than another, and looks for a request that shows that a PASS is wrong. */
export function checkNew(
  text: string,
  existing: string,
  kind: Kind,
  asked: readonly Asked[],
): 'PASS' | 'FAIL' | 'UNKNOWN' {
  const { result } = checkNoNewAccess(source(text, kind).policy, source(existing, kind).policy)
  if (result !== 'PASS') return result
  for (const each of asked) {
    for (const own of [true, false]) {
      if (!isAllowed(text, kind, each, own) || isAllowed(existing, kind, each, own)) continue
      throw new WrongPass(`the new policy allows ${JSON.stringify(each)}, the old one does not`)
    }
  }
  return result
}

/** Asks whether a policy allows none of what is named, and looks for a request that shows that a PASS is wrong. */
export function checkGranted(
  text: string,
  kind: Kind,
  access: Access,
  asked: readonly Asked[],
): 'PASS' | 'FAIL' | 'UNKNOWN' {
  const { result } = checkAccessNotGranted(source(text, kind).policy, access)
  if (result !== 'PASS') return result
  for (const each of asked) {
    const isNamed = access.actions?.includes(each.action) ?? true
    if (isNamed && isAllowed(text, kind, each, true)) throw new WrongPass(`allowed: ${JSON.stringify(each)}`)
  }
  return result
}

/** Asks whether a policy is public, and looks for a stranger whom it lets in. */
export function checkPublic(text: string, asked: readonly Asked[]): 'PASS' | 'FAIL' | 'UNKNOWN' {
  const { result } = checkNoPublicAccess(source(text, 'key').policy)
  if (result !== 'PASS') return result
  for (const each of asked) {
    if (isAllowed(text, 'key', each, true)) throw new WrongPass(`a stranger is let in: ${JSON.stringify(each)}`)
  }
  return result
}
