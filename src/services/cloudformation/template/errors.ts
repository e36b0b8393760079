import { errorKind } from '../../../kernel/errors.ts'

/** What is wrong with a template, with what it is given, or with what it makes of that. */
export const ValidationError = errorKind('ValidationError', 400, 'The template or the request cannot be used.')

/** A template that needs more than its caller has acknowledged. */
export const InsufficientCapabilities = errorKind(
  'InsufficientCapabilitiesException',
  400,
  'The template makes something that has to be acknowledged by name.',
)
