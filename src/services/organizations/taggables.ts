import { controlPolicyArn, type ControlPolicy, type Organization } from '../../domain/organization.ts'
import type { Tag } from '../../domain/tags.ts'
import type { GlobalReads, GlobalWrites } from '../../storage/global-store.ts'
import { requireOwnPolicy, requireTarget } from './find.ts'
import { changeTarget, targetArn, type Target } from './targets.ts'

/** What can have tags: a root, a unit, an account or a policy. */
export interface Taggable {
  readonly organization: Organization
  readonly arn: string
  readonly tags: readonly Tag[]
  readonly thing: Target | { readonly type: 'POLICY'; readonly content: ControlPolicy }
}

/** Finds what tags are asked of, by its id. */
export async function findTaggable(reads: GlobalReads, organization: Organization, id: string): Promise<Taggable> {
  if (id.startsWith('p-')) {
    const content = await requireOwnPolicy(reads, organization, id)
    const thing = { type: 'POLICY', content } as const
    return { organization, arn: controlPolicyArn(organization, content), tags: content.tags, thing }
  }
  const thing = await requireTarget(reads, organization, id)
  return { organization, arn: targetArn(organization, thing), tags: thing.content.tags, thing }
}

/** Keeps other tags with it. */
export async function putTags(
  writes: GlobalWrites,
  { organization, thing }: Taggable,
  tags: readonly Tag[],
): Promise<void> {
  if (thing.type !== 'POLICY') {
    await changeTarget(writes, organization, thing, { tags })
    return
  }
  const { content } = thing
  const key = { kind: 'control-policy', account: organization.id, name: content.id } as const
  await writes.putDocument(key, { ...content, tags })
}
