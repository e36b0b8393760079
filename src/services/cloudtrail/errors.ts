import { errorKind } from '../../kernel/errors.ts'

/** Every error that an operation of CloudTrail declares: AWS's codes, and what each means. */
export const errors = {
  InvalidEventCategoryException: errorKind('InvalidEventCategoryException', 400, 'There are no such events.'),
  InvalidLookupAttributesException: errorKind(
    'InvalidLookupAttributesException',
    400,
    'Events can be looked up by one attribute at a time.',
  ),
  InvalidMaxResultsException: errorKind('InvalidMaxResultsException', 400, 'A page has 1 to 50 events.'),
  InvalidNextTokenException: errorKind(
    'InvalidNextTokenException',
    400,
    'The token was not given here, or for other parameters.',
  ),
  InvalidTimeRangeException: errorKind('InvalidTimeRangeException', 400, 'The time ends before it begins.'),
  ServiceUnavailableException: errorKind('ServiceUnavailableException', 503, 'The index is being made: ask again.'),
} as const
