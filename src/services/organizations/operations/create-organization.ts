import { z } from 'zod'
import { initialPolicies, type Organization, type OrganizationRoot } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { membershipOf } from '../../../storage/organization-reads.ts'
import { organizationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { newId } from '../new-id.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { needFor } from '../requirements.ts'
import { putMember, putOrganization } from '../targets.ts'

/** Makes an organization. The account that asks manages it. */
export const CreateOrganization = globalWriteOperation({
  name: 'CreateOrganization',
  errors: [errors.AlreadyInOrganizationException],
  input: z.object({ FeatureSet: z.enum(['ALL', 'CONSOLIDATED_BILLING']).optional() }),
  load: () => null,
  requires: () => [needFor('CreateOrganization')],
  async run({ FeatureSet = 'ALL' }, _found, { caller, now }, { writes, random }) {
    const { account } = caller
    if ((await membershipOf(writes, account)) !== null) throw errors.AlreadyInOrganizationException()
    // The reference says that service control policies are on from the start. They are not: every tool of others
    // enables them first, and AWS would refuse that a second time.
    const root: OrganizationRoot = {
      id: `r-${newId(random, 4)}`,
      policyTypes: [],
      attached: initialPolicies({ policyTypes: [] }),
      tags: [],
    }
    const id = `o-${newId(random, 10)}`
    const organization: Organization = { id, managementAccount: account, featureSet: FeatureSet, createdAt: now, root }
    await putOrganization(writes, organization)
    await putMember(writes, organization, {
      account,
      parent: root.id,
      joinedAt: now,
      joinedBy: 'INVITED',
      attached: initialPolicies(root),
      tags: [],
    })
    return { Organization: await organizationAnswer(writes, organization) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
