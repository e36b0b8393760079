import { parseArn } from '../../domain/arn.ts'
import type { DocumentKey, DocumentKind, GlobalDocuments } from '../../domain/global-document.ts'
import { parsePolicyArn } from '../../domain/identity-arn.ts'
import { parsePolicy, type PolicyKind } from '../../policy/parse/parse.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { InspectionError } from './inspection-error.ts'

/** A document of the global store as it would be. */
interface Patch {
  readonly kind: DocumentKind
  readonly account: string
  readonly name: string
  readonly content: GlobalDocuments[DocumentKind]
}

/** The global store as it would be with another policy in the place of one that it has. */
export interface ChangedReads {
  readonly reads: GlobalReads
  /** Says whether what was read since the last call depends on the change. */
  takeTouched(): boolean
  /** The account whose principals can be concerned; null for every account of the organization. */
  readonly account: string | null
}

/**
 * Puts a policy in the place of one, without anybody else seeing it.
 *
 * @param target the ARN of a managed policy, the id of an organization's policy, or the ARN of a user, group or role
 * @param inline of a user, group or role, the name of the inline policy
 * @throws InspectionError where there is no such policy, or the text is none
 */
export async function readsWith(
  reads: GlobalReads,
  target: string,
  inline: string | null,
  text: string,
): Promise<ChangedReads> {
  const patch = await patchOf(reads, target, inline, text)
  let isTouched = false
  const patched = <Content>(key: { kind: string; account: string; name: string }, content: Content): Content => {
    if (key.kind !== patch.kind || key.account !== patch.account || key.name !== patch.name) return content
    isTouched = true
    return patch.content as Content
  }
  const changed: GlobalReads = {
    ...reads,
    async document<Kind extends DocumentKind>(key: DocumentKey<Kind>) {
      const content = await reads.document(key)
      return content === null ? null : patched(key, content)
    },
    async documentById<Kind extends DocumentKind>(kind: Kind, id: string) {
      const found = await reads.documentById(kind, id)
      return found === null ? null : { ...found, content: patched({ kind, ...found }, found.content) }
    },
  }
  return {
    reads: changed,
    account: patch.kind === 'control-policy' ? null : patch.account,
    takeTouched() {
      const was = isTouched
      isTouched = false
      return was
    },
  }
}

async function patchOf(reads: GlobalReads, target: string, inline: string | null, text: string): Promise<Patch> {
  if (inline !== null) return inlinePatch(reads, target, inline, text)
  if (/^p-[0-9a-z]+$/.test(target)) return controlPatch(reads, target, text)
  const place = parsePolicyArn(target)
  if (place === null) {
    throw new InspectionError(
      `"${target}" is neither the ARN of a key or managed policy nor the id of an organization's policy. For an inline ` +
        'policy give the ARN of its user, group or role, and --inline with its name.',
    )
  }
  if (place.account === 'aws') throw new InspectionError(`${target} is AWS's own: nobody can change it.`)
  const key = { kind: 'policy', account: place.account, name: place.name.toLowerCase() } as const
  const policy = await reads.document(key)
  if (policy === null) throw new InspectionError(`There is no policy ${target}.`)
  requirePolicy(text, 'identity')
  const version = { id: 'as it would be', text, createdAt: 0 }
  return { ...key, content: { ...policy, versions: [version], defaultVersion: version.id } }
}

async function inlinePatch(reads: GlobalReads, target: string, inline: string, text: string): Promise<Patch> {
  const { account = '', resource = '' } = parseArn(target) ?? {}
  const [kind, ...path] = resource.split('/')
  if (kind !== 'user' && kind !== 'group' && kind !== 'role') {
    throw new InspectionError(`"${target}" is not the ARN of a user, group or role.`)
  }
  const key = { kind, account, name: (path.at(-1) ?? '').toLowerCase() } as const
  const owner = await reads.document(key)
  if (owner === null) throw new InspectionError(`There is no ${target}.`)
  requirePolicy(text, 'identity')
  return { ...key, content: { ...owner, inlinePolicies: { ...owner.inlinePolicies, [inline]: text } } }
}

async function controlPatch(reads: GlobalReads, id: string, text: string): Promise<Patch> {
  const organizations = await reads.documents('organization', null, { after: null, limit: Number.MAX_SAFE_INTEGER })
  for (const { name: account } of organizations) {
    const key = { kind: 'control-policy', account, name: id } as const
    const policy = await reads.document(key)
    if (policy === null) continue
    requirePolicy(text, policy.type === 'SERVICE_CONTROL_POLICY' ? 'scp' : 'rcp')
    return { ...key, content: { ...policy, text } }
  }
  throw new InspectionError(`There is no policy ${id} in any organization of this server.`)
}

function requirePolicy(text: string, kind: PolicyKind): void {
  const read = parsePolicy(text, kind)
  if (read.ok) return
  const [{ line, column, message, hint }] = read.errors
  const more = hint === undefined ? '' : ` (${hint})`
  throw new InspectionError(`The new policy cannot be read: line ${line}, column ${column}: ${message}${more}`)
}
