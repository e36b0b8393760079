import { errorKind, type ErrorKind } from '../../kernel/errors.ts'

/** A kind of error whose sentence is always the same unless a better one is given. */
function kind(code: string, sentence: string, meaning: string): ErrorKind {
  const make = errorKind(code, 400, meaning)
  const withSentence: typeof make = Object.assign(
    (...[message = sentence, ...more]: Parameters<typeof make>) => make(message, ...more),
    { code, meaning },
  )
  return withSentence
}

/** Every error that an operation of Organizations declares: AWS's codes, and what each means. */
export const errors = {
  AccessDeniedException: kind(
    'AccessDeniedException',
    "You don't have permissions to access this resource.",
    'Only the management account may do it, or only the account that was invited.',
  ),
  AccountNotFoundException: kind(
    'AccountNotFoundException',
    "You specified an account that doesn't exist.",
    'The account is not in the organization.',
  ),
  AlreadyInOrganizationException: kind(
    'AlreadyInOrganizationException',
    'The AWS account is already a member of an organization.',
    'An account can be in one organization only.',
  ),
  AWSOrganizationsNotInUseException: kind(
    'AWSOrganizationsNotInUseException',
    'Your account is not a member of an organization.',
    "The caller's account is in no organization.",
  ),
  ChildNotFoundException: kind(
    'ChildNotFoundException',
    "You specified a child that doesn't exist.",
    'There is no such unit or account in the organization.',
  ),
  ConstraintViolationException: kind(
    'ConstraintViolationException',
    'The request breaks a constraint of the organization.',
    'A quota or a rule of the organization forbids it; Reason says which.',
  ),
  CreateAccountStatusNotFoundException: kind(
    'CreateAccountStatusNotFoundException',
    "You specified a create account request that doesn't exist.",
    'No account was asked for under that id.',
  ),
  DestinationParentNotFoundException: kind(
    'DestinationParentNotFoundException',
    "You specified a destination parent that doesn't exist.",
    'There is no such root or unit to move to.',
  ),
  DuplicateAccountException: kind(
    'DuplicateAccountException',
    'The specified account is already present in the specified destination.',
    'The account is there already.',
  ),
  DuplicateHandshakeException: kind(
    'DuplicateHandshakeException',
    'A handshake with the same action and target already exists.',
    'The account is invited already.',
  ),
  DuplicateOrganizationalUnitException: kind(
    'DuplicateOrganizationalUnitException',
    'An OU with the same name already exists.',
    'Another unit below the same parent has the name.',
  ),
  DuplicatePolicyAttachmentException: kind(
    'DuplicatePolicyAttachmentException',
    'The specified policy is already attached to the specified target.',
    'The policy is attached there already.',
  ),
  DuplicatePolicyException: kind(
    'DuplicatePolicyException',
    'A policy with the specified name and type already exists.',
    'Another policy of the type has the name.',
  ),
  HandshakeAlreadyInStateException: kind(
    'HandshakeAlreadyInStateException',
    'The specified handshake is already in the requested state.',
    'It was accepted, declined or canceled before, in just this way.',
  ),
  HandshakeConstraintViolationException: kind(
    'HandshakeConstraintViolationException',
    'The handshake breaks a constraint of the organization.',
    'The account cannot be invited, or cannot accept; Reason says why.',
  ),
  HandshakeNotFoundException: kind(
    'HandshakeNotFoundException',
    "You specified a handshake that doesn't exist.",
    'No such invitation concerns the caller.',
  ),
  InvalidHandshakeTransitionException: kind(
    'InvalidHandshakeTransitionException',
    "You can't perform the operation on the handshake in its current state.",
    'The invitation is not open any more.',
  ),
  InvalidInputException: kind(
    'InvalidInputException',
    'You specified an invalid value.',
    'A member of the request breaks a constraint; Reason says which.',
  ),
  MalformedPolicyDocumentException: kind(
    'MalformedPolicyDocumentException',
    'The provided policy document does not meet the requirements of the specified policy type.',
    'The policy cannot be read, or may not be of its type.',
  ),
  MasterCannotLeaveOrganizationException: kind(
    'MasterCannotLeaveOrganizationException',
    "You can't remove a management account from an organization. To remove it, delete the organization.",
    'The management account stays as long as there is an organization.',
  ),
  OrganizationNotEmptyException: kind(
    'OrganizationNotEmptyException',
    'To delete an organization you must first remove all accounts except the management account.',
    'There are other accounts in the organization.',
  ),
  OrganizationalUnitNotEmptyException: kind(
    'OrganizationalUnitNotEmptyException',
    'The specified OU is not empty. Move all accounts to another root or to other OUs, or delete the child OUs.',
    'There are accounts or other units in the unit.',
  ),
  OrganizationalUnitNotFoundException: kind(
    'OrganizationalUnitNotFoundException',
    "You specified an organizational unit that doesn't exist.",
    'There is no such unit in the organization.',
  ),
  ParentNotFoundException: kind(
    'ParentNotFoundException',
    "You specified a parent that doesn't exist.",
    'There is no such root or unit in the organization.',
  ),
  PolicyInUseException: kind(
    'PolicyInUseException',
    'The policy is attached to one or more entities. Detach it from all roots, OUs and accounts first.',
    'The policy is attached to something.',
  ),
  PolicyNotAttachedException: kind(
    'PolicyNotAttachedException',
    "The specified policy isn't attached to the specified target.",
    'The policy is not attached there.',
  ),
  PolicyNotFoundException: kind(
    'PolicyNotFoundException',
    "You specified a policy that doesn't exist.",
    'There is no such policy in the organization.',
  ),
  PolicyTypeAlreadyEnabledException: kind(
    'PolicyTypeAlreadyEnabledException',
    'The specified policy type is already enabled.',
    'Policies of the type decide already.',
  ),
  PolicyTypeNotAvailableForOrganizationException: kind(
    'PolicyTypeNotAvailableForOrganizationException',
    "You can't use the specified policy type with the feature set currently enabled for this organization.",
    'The organization is for billing only.',
  ),
  PolicyTypeNotEnabledException: kind(
    'PolicyTypeNotEnabledException',
    'This operation can be performed only for enabled policy types.',
    'Enable the policy type in the root first.',
  ),
  RootNotFoundException: kind(
    'RootNotFoundException',
    "You specified a root that doesn't exist.",
    'The organization has another root.',
  ),
  SourceParentNotFoundException: kind(
    'SourceParentNotFoundException',
    "You specified a source parent that doesn't exist, or that the account is not in.",
    'The account is not directly in that root or unit.',
  ),
  TargetNotFoundException: kind(
    'TargetNotFoundException',
    "You specified a target that doesn't exist.",
    'There is no such root, unit, account or policy in the organization.',
  ),
} as const
