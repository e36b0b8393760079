import { compilePolicy } from '../compile.ts'
import type { PolicyDocument, Statement } from '../parse/document.ts'
import type { PolicyCaller } from '../layers.ts'
import { authorizePartially } from '../partial/partial.ts'
import { parsePolicy } from '../parse/parse.ts'
import { accountOf, type PrincipalForm } from '../principal.ts'
import type { Notebook } from './notebook.ts'

const CHANGE = 'kms:PutKeyPolicy'

/** Those whom a key policy lets in may do what they like, as far as their own policies go. */
const everything = parsePolicy(
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }),
  'identity',
)
const identity = everything.ok ? [{ policy: compilePolicy(everything.policy) }] : []

/**
 * Notes where nobody of the key's account could change the policy of the key, whatever the request says: only AWS
 * could let them in again, and there is no AWS here. Where the key is not known, its account may be any that is named.
 */
export function checkLockOut(book: Notebook, document: PolicyDocument): void {
  if (book.kind !== 'key') return
  const { key } = book.options
  const account = key?.split(':')[4]
  const policy = compilePolicy(key === undefined ? anyKey(document) : document)
  const mayChange = callersOf(document, account).some((caller) => {
    const request = { action: CHANGE, resource: key ?? '*', keys: new Map() }
    const question = {
      request,
      caller,
      isOpen: everyKey,
      grants: [],
      crossAccount: true,
      layers: { identity, resource: { policy } },
    }
    return (
      authorizePartially(caller.account === undefined ? question : { ...question, resourceAccount: caller.account }) !==
      false
    )
  })
  if (mayChange) return
  const sentence =
    `Nobody of the key's account could change this policy: no statement lets its root user, a user or a role ` +
    `${CHANGE}. PutKeyPolicy refuses it, unless BypassPolicyLockoutSafetyCheck is given, and then the key is out of ` +
    'reach for good. Add a statement for the account: {"Effect": "Allow", "Principal": {"AWS": "ACCOUNT"}, ' +
    '"Action": "kms:*", "Resource": "*"}.'
  book.note('KEY_POLICY_LOCKOUT', sentence.replace('ACCOUNT', account ?? 'ACCOUNT'), {
    path: [],
    at: 0,
    end: book.text.length,
  })
}

const everyKey = () => true

/** A policy as it is for a key that is not known: where it names keys, that may be the one. */
function anyKey(document: PolicyDocument): PolicyDocument {
  const statements = document.statements.flatMap((statement): Statement[] => {
    const { resource, effect } = statement
    if (resource === undefined) return [statement]
    const isEvery = !resource.negated && resource.patterns.some(({ value }) => value === '*')
    if (isEvery) return [statement]
    if (effect === 'Deny') return []
    return [{ ...statement, resource: { ...resource, negated: false, patterns: [{ value: '*', line: 1, column: 1 }] } }]
  })
  return { ...document, statements }
}

/** Somebody of each sort that the policy may let in. */
function callersOf(document: PolicyDocument, account: string | undefined): readonly PolicyCaller[] {
  const names = document.statements.flatMap(({ principal }) => principal?.entries ?? [])
  const named = names.flatMap(({ type, value }) => (type === 'AWS' ? value : []))
  const accounts = new Set(account === undefined ? named.flatMap(accountIn) : [account])
  if (accounts.size === 0) accounts.add(account ?? '000000000000')
  return [...accounts].flatMap((of) => [
    { type: 'root', account: of, forms: [], hasBoundary: false },
    ...named.filter((name) => isOf(name, of)).map((name) => callerOf(name, of)),
  ])
}

function accountIn(name: string): readonly string[] {
  const account = accountOf(name) ?? name.split(':')[4]
  return account === undefined ? [] : [account]
}

/** Whether a name may be that of a user or role of an account; of a unique id nobody can tell. */
function isOf(name: string, account: string): boolean {
  return name !== '*' && accountOf(name) === undefined && (name.split(':')[4] ?? account) === account
}

function callerOf(name: string, account: string): PolicyCaller {
  const form = (kind: PrincipalForm['kind']): PolicyCaller => ({
    type: kind === 'user' ? 'user' : 'role',
    account,
    forms: [{ kind, id: name }],
    hasBoundary: false,
  })
  if (name.includes(':assumed-role/') || name.includes(':federated-user/')) return form('session')
  return form(name.includes(':user/') || name.startsWith('AIDA') ? 'user' : 'role')
}
