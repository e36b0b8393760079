import { errorKind } from '../../kernel/errors.ts'

/** Every error that an operation of IAM declares: AWS's codes and statuses, and what each means. */
export const errors = {
  DeleteConflict: errorKind('DeleteConflict', 409, 'Something depends on what was to be deleted.'),
  EntityAlreadyExists: errorKind('EntityAlreadyExists', 409, 'Something of that name exists in the account.'),
  InvalidClientTokenId: errorKind('InvalidClientTokenId', 403, 'IAM does not take credentials of this kind.'),
  InvalidInput: errorKind('InvalidInput', 400, 'A value is not one that the operation can use.'),
  LimitExceeded: errorKind('LimitExceeded', 409, 'A quota is used up.'),
  MalformedPolicyDocument: errorKind('MalformedPolicyDocument', 400, 'The policy cannot be read.'),
  NoSuchEntity: errorKind('NoSuchEntity', 404, 'There is no such thing in the account.'),
  UnmodifiableEntity: errorKind('UnmodifiableEntity', 400, 'Only a service of AWS may change it.'),
  ValidationError: errorKind('ValidationError', 400, 'A member of the request breaks a constraint.'),
} as const
