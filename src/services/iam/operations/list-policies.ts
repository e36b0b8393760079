import { z } from 'zod'
import { AWS_MANAGED_POLICIES } from '../../../domain/aws-managed-policies.ts'
import { policyArn } from '../../../domain/identity-arn.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { policyUsers, usesOf } from '../managed-policies.ts'
import { allOf, pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { needIn } from '../subject.ts'
import { policyView } from '../views.ts'

/** Lists the managed policies of the account, and those of AWS that this server knows. */
export const ListPolicies = globalReadOperation({
  name: 'ListPolicies',
  errors: [errors.ValidationError],
  input: z.object({
    Scope: z.enum(['All', 'AWS', 'Local']).default('All'),
    OnlyAttached: shape.flag.default(false),
    PathPrefix: shape.pathPrefix.default('/'),
    PolicyUsageFilter: z.enum(['PermissionsPolicy', 'PermissionsBoundary']).optional(),
    ...shape.paging,
  }),
  load: () => null,
  requires: () => [needIn('ListPolicies', '*')],
  async run(input, _found, { caller: { account } }, { reads }) {
    const { Scope, OnlyAttached, PathPrefix, PolicyUsageFilter } = input
    const useOf = usesOf(await policyUsers(reads, account))
    const own = Scope === 'AWS' ? [] : await allOf(reads, 'policy', account)
    const all = [
      ...own.map((policy) => ({ arn: policyArn(account, policy), policy })),
      ...(Scope === 'Local' ? [] : [...AWS_MANAGED_POLICIES].map(([arn, policy]) => ({ arn, policy }))),
    ]
    const views = all
      .filter(({ policy }) => policy.path.startsWith(PathPrefix))
      .map(({ arn, policy }) => policyView(arn, policy, useOf(arn)))
      .filter((view) => !OnlyAttached || view.AttachmentCount > 0)
      .filter((view) => PolicyUsageFilter !== 'PermissionsBoundary' || view.PermissionsBoundaryUsageCount > 0)
      .filter((view) => PolicyUsageFilter !== 'PermissionsPolicy' || view.AttachmentCount > 0)
    const { items, more } = pageOf('ListPolicies', views, input, ({ Arn }) => Arn)
    return { Policies: items, ...more }
  },
  record: (input) => recordOf(input),
})
