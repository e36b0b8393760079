import type { Operation } from '../../kernel/operation.ts'
import { AcceptHandshake } from './operations/accept-handshake.ts'
import { AttachPolicy } from './operations/attach-policy.ts'
import { CancelHandshake } from './operations/cancel-handshake.ts'
import { CreateAccount } from './operations/create-account.ts'
import { CreateOrganization } from './operations/create-organization.ts'
import { CreateOrganizationalUnit } from './operations/create-organizational-unit.ts'
import { CreatePolicy } from './operations/create-policy.ts'
import { DeclineHandshake } from './operations/decline-handshake.ts'
import { DeleteOrganization } from './operations/delete-organization.ts'
import { DeleteOrganizationalUnit } from './operations/delete-organizational-unit.ts'
import { DeletePolicy } from './operations/delete-policy.ts'
import { DescribeAccount } from './operations/describe-account.ts'
import { DescribeCreateAccountStatus } from './operations/describe-create-account-status.ts'
import { DescribeHandshake } from './operations/describe-handshake.ts'
import { DescribeOrganization } from './operations/describe-organization.ts'
import { DescribeOrganizationalUnit } from './operations/describe-organizational-unit.ts'
import { DescribePolicy } from './operations/describe-policy.ts'
import { DetachPolicy } from './operations/detach-policy.ts'
import { DisablePolicyType } from './operations/disable-policy-type.ts'
import { EnablePolicyType } from './operations/enable-policy-type.ts'
import { InviteAccountToOrganization } from './operations/invite-account-to-organization.ts'
import { LeaveOrganization } from './operations/leave-organization.ts'
import { ListAccounts } from './operations/list-accounts.ts'
import { ListAccountsForParent } from './operations/list-accounts-for-parent.ts'
import { ListChildren } from './operations/list-children.ts'
import { ListCreateAccountStatus } from './operations/list-create-account-status.ts'
import { ListHandshakesForAccount } from './operations/list-handshakes-for-account.ts'
import { ListHandshakesForOrganization } from './operations/list-handshakes-for-organization.ts'
import { ListOrganizationalUnitsForParent } from './operations/list-organizational-units-for-parent.ts'
import { ListParents } from './operations/list-parents.ts'
import { ListPolicies } from './operations/list-policies.ts'
import { ListPoliciesForTarget } from './operations/list-policies-for-target.ts'
import { ListRoots } from './operations/list-roots.ts'
import { ListTagsForResource } from './operations/list-tags-for-resource.ts'
import { ListTargetsForPolicy } from './operations/list-targets-for-policy.ts'
import { MoveAccount } from './operations/move-account.ts'
import { RemoveAccountFromOrganization } from './operations/remove-account-from-organization.ts'
import { TagResource } from './operations/tag-resource.ts'
import { UntagResource } from './operations/untag-resource.ts'
import { UpdateOrganizationalUnit } from './operations/update-organizational-unit.ts'
import { UpdatePolicy } from './operations/update-policy.ts'

/** Every operation of Organizations that this server does. */
export const organizationsOperations: readonly Operation[] = [
  AcceptHandshake,
  AttachPolicy,
  CancelHandshake,
  CreateAccount,
  CreateOrganization,
  CreateOrganizationalUnit,
  CreatePolicy,
  DeclineHandshake,
  DeleteOrganization,
  DeleteOrganizationalUnit,
  DeletePolicy,
  DescribeAccount,
  DescribeCreateAccountStatus,
  DescribeHandshake,
  DescribeOrganization,
  DescribeOrganizationalUnit,
  DescribePolicy,
  DetachPolicy,
  DisablePolicyType,
  EnablePolicyType,
  InviteAccountToOrganization,
  LeaveOrganization,
  ListAccounts,
  ListAccountsForParent,
  ListChildren,
  ListCreateAccountStatus,
  ListHandshakesForAccount,
  ListHandshakesForOrganization,
  ListOrganizationalUnitsForParent,
  ListParents,
  ListPolicies,
  ListPoliciesForTarget,
  ListRoots,
  ListTagsForResource,
  ListTargetsForPolicy,
  MoveAccount,
  RemoveAccountFromOrganization,
  TagResource,
  UntagResource,
  UpdateOrganizationalUnit,
  UpdatePolicy,
]

/** Operations that AWS has and this server does not do: delegation, trusted access, responsibility, and the like. */
export const organizationsUnimplemented: readonly string[] = [
  'CloseAccount',
  'CreateGovCloudAccount',
  'DeleteResourcePolicy',
  'DeregisterDelegatedAdministrator',
  'DescribeEffectivePolicy',
  'DescribeResourcePolicy',
  'DescribeResponsibilityTransfer',
  'DisableAWSServiceAccess',
  'EnableAWSServiceAccess',
  'EnableAllFeatures',
  'InviteOrganizationToTransferResponsibility',
  'ListAWSServiceAccessForOrganization',
  'ListAccountsWithInvalidEffectivePolicy',
  'ListDelegatedAdministrators',
  'ListDelegatedServicesForAccount',
  'ListEffectivePolicyValidationErrors',
  'ListInboundResponsibilityTransfers',
  'ListOutboundResponsibilityTransfers',
  'PutResourcePolicy',
  'RegisterDelegatedAdministrator',
  'TerminateResponsibilityTransfer',
  'UpdateResponsibilityTransfer',
]
