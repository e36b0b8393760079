import { askQuery, type Asking } from './client.ts'

const IAM = { service: 'iam', version: '2010-05-08' }
/** IAM is of no Region, and signed for in this one. */
const REGION = 'us-east-1'

/** A user or a role. */
export interface Person {
  readonly arn: string
  readonly name: string
  /** Begins and ends with `/`. */
  readonly path: string
  readonly kind: 'user' | 'role'
}

const LISTINGS = {
  user: { operation: 'ListUsers', member: 'Users > member', name: 'UserName' },
  role: { operation: 'ListRoles', member: 'Roles > member', name: 'RoleName' },
} as const

/** Every user or every role of the account. @throws ApiError */
export async function listPeople({ credentials }: Asking, kind: Person['kind']): Promise<readonly Person[]> {
  const { operation, member, name } = LISTINGS[kind]
  const found: Person[] = []
  for (let marker: string | null = null; ;) {
    const input = { MaxItems: '1000', ...(marker !== null && { Marker: marker }) }
    const xml = await askQuery({ credentials, region: REGION }, IAM, operation, input)
    for (const element of xml.querySelectorAll(member)) {
      const text = (child: string): string => element.querySelector(`:scope > ${child}`)?.textContent ?? ''
      found.push({ arn: text('Arn'), name: text(name), path: text('Path'), kind })
    }
    if (xml.querySelector('IsTruncated')?.textContent !== 'true') return found
    marker = xml.querySelector('Marker')?.textContent ?? null
  }
}
