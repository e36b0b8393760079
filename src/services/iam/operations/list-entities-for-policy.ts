import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existingPolicy, findPolicy, needOnPolicy, policyUsers, type PolicyUser } from '../managed-policies.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const KINDS = { User: 'user', Group: 'group', Role: 'role' } as const

/** Lists who has a managed policy, be it attached or as a boundary. */
export const ListEntitiesForPolicy = globalReadOperation({
  name: 'ListEntitiesForPolicy',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({
    PolicyArn: shape.arn,
    EntityFilter: z.enum(['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy']).optional(),
    PathPrefix: shape.pathPrefix.default('/'),
    PolicyUsageFilter: z.enum(['PermissionsPolicy', 'PermissionsBoundary']).optional(),
    ...shape.paging,
  }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('ListEntitiesForPolicy', found)],
  async run(input, found, { caller: { account } }, { reads }) {
    existingPolicy(found)
    const { PolicyArn, EntityFilter, PathPrefix, PolicyUsageFilter } = input
    const uses = ({ attached, boundary }: PolicyUser) =>
      (PolicyUsageFilter !== 'PermissionsBoundary' && attached.includes(PolicyArn)) ||
      (PolicyUsageFilter !== 'PermissionsPolicy' && boundary === PolicyArn)
    const isAsked = ({ kind }: PolicyUser) =>
      EntityFilter === undefined || (EntityFilter in KINDS && KINDS[EntityFilter as keyof typeof KINDS] === kind)
    const all = (await policyUsers(reads, account)).filter(
      (each) => isAsked(each) && uses(each) && each.path.startsWith(PathPrefix),
    )
    const { items, more } = pageOf('ListEntitiesForPolicy', all, input, (each) => `${each.kind} ${each.id}`)
    const of = (kind: PolicyUser['kind']) => items.filter((each) => each.kind === kind)
    return {
      PolicyGroups: of('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...more,
    }
  },
  record: (input) => recordOf(input),
})
