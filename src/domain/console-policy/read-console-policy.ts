import { consolePolicy, type PolicyChoices, type PolicyKey } from './console-policy.ts'
import { isUserOrRole } from '../identity-arn.ts'

/** The choices that lead to a policy; null where the console would write it otherwise: somebody has changed it. */
export function readConsolePolicy(account: string, key: PolicyKey, text: string): PolicyChoices | null {
  const [administrators, users, actions] = partsOf(text)
  const accounts = users.map((arn) => /^arn:aws:iam::(\d{12}):root$/.exec(arn)?.[1])
  const choices = {
    administrators,
    administratorsDelete: administrators.length === 0 || actions.includes('kms:ScheduleKeyDeletion'),
    users: users.filter((_arn, index) => accounts[index] === undefined),
    accounts: accounts.filter((id) => id !== undefined),
  }
  const isSame = sorted(consolePolicy(account, key, choices)) === sorted(text)
  return isSame && [...administrators, ...choices.users].every(isUserOrRole) ? choices : null
}

/** What is in the statements of a console's policy; whatever else it is, something that leads to another policy. */
function partsOf(text: string): readonly [administrators: string[], users: string[], actions: string[]] {
  const { Statement } = readObject(text) as { Statement?: unknown }
  const statements = Array.isArray(Statement) ? (Statement as Readonly<Record<string, unknown>>[]) : []
  const find = (sid: string) => statements.find((each) => each?.['Sid'] === sid)
  const administrators = find('Allow access for Key Administrators')
  const principals = (each: typeof administrators) => texts((each?.['Principal'] as { AWS?: unknown } | undefined)?.AWS)
  return [principals(administrators), principals(find('Allow use of the key')), texts(administrators?.['Action'])]
}

function texts(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === 'string')
}

function readObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** A policy as a text that is the same for every order of what has none: members, principals and actions. */
function sorted(text: string): string {
  return JSON.stringify(readObject(text), (_name, value: unknown) => {
    if (Array.isArray(value)) return value.map((each) => each as unknown).toSorted(byText)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).toSorted(byText))
  })
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}
