import { errorKind } from '../../kernel/errors.ts'
import { InsufficientCapabilities, ValidationError } from './template/errors.ts'

/** Every error that an operation of CloudFormation declares: AWS's codes and statuses, and what each means. */
export const errors = {
  AlreadyExistsException: errorKind('AlreadyExistsException', 400, 'Something of that name exists already.'),
  ChangeSetNotFound: errorKind('ChangeSetNotFound', 404, 'There is no such change set.'),
  InsufficientCapabilitiesException: InsufficientCapabilities,
  InvalidChangeSetStatus: errorKind('InvalidChangeSetStatus', 400, 'The change set is not in a state for this.'),
  LimitExceededException: errorKind('LimitExceededException', 400, 'A quota is used up.'),
  TokenAlreadyExistsException: errorKind(
    'TokenAlreadyExistsException',
    400,
    'The token was given with something else.',
  ),
  ValidationError,
} as const
