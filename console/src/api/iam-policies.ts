import { askQuery, type Asking } from './client.ts'

const IAM = { service: 'iam', version: '2010-05-08' }

/** An inline policy of a user, group or role. */
export interface InlinePolicy {
  readonly kind: 'User' | 'Group' | 'Role'
  readonly owner: string
  readonly name: string
}

/** The text of an inline policy; null where there is none of that name. @throws ApiError */
export async function getInlinePolicy(asking: Asking, policy: InlinePolicy): Promise<string | null> {
  const { kind, owner, name } = policy
  const listed = await askQuery(asking, IAM, `List${kind}Policies`, { [`${kind}Name`]: owner, MaxItems: '1000' })
  if (![...listed.querySelectorAll('PolicyNames > member')].some(({ textContent }) => textContent === name)) return null
  const xml = await askQuery(asking, IAM, `Get${kind}Policy`, inputOf(policy))
  return decodeURIComponent(xml.querySelector('PolicyDocument')?.textContent ?? '')
}

/** @throws ApiError */
export async function putInlinePolicy(asking: Asking, policy: InlinePolicy, text: string): Promise<void> {
  await askQuery(asking, IAM, `Put${policy.kind}Policy`, { ...inputOf(policy), PolicyDocument: text })
}

function inputOf({ kind, owner, name }: InlinePolicy): Readonly<Record<string, string>> {
  return { [`${kind}Name`]: owner, PolicyName: name }
}
