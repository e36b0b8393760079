import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { list, structure } from '../../../kernel/parse.ts'
import { checkAccessNotGranted } from '../../../policy/compare/checks.ts'
import { matchedActions } from '../../../policy/lint/matched-actions.ts'
import { allActions, isKnownService, PREFIXES } from '../../../policy/vocabulary/vocabulary.ts'
import { nearest } from '../../../policy/vocabulary/nearest.ts'
import { answerTo, checkedPolicy, needFor } from '../checked-policy.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Tells whether a policy allows nobody any of some actions, on any of some resources. */
export const CheckAccessNotGranted = readOperation({
  name: 'CheckAccessNotGranted',
  errors: [errors.InvalidParameterException, errors.UnprocessableEntityException, errors.ValidationException],
  input: z.object({
    policyDocument: shape.policyDocument,
    policyType: shape.checkedType,
    access: list(structure({ actions: shape.names.optional(), resources: shape.names.optional() }), 1),
  }),
  load: () => null,
  requires: (_input, _found, call) => [needFor('CheckAccessNotGranted', call)],
  run({ policyDocument, policyType, access: [access] }) {
    const { actions = [], resources = [] } = access ?? {}
    if (actions.length + resources.length === 0) {
      throw errors.InvalidParameterException(
        'access names neither actions nor resources. Name what shall not be granted.',
      )
    }
    for (const action of actions) requireAction(action)
    for (const resource of resources) requireResource(resource)
    const policy = checkedPolicy(policyDocument, policyType, 'policyDocument')
    const outcome = checkAccessNotGranted(policy, {
      ...(actions.length > 0 && { actions }),
      ...(resources.length > 0 && { resources }),
    })
    const listed = actions.length === 0 ? 'resources' : 'actions'
    return answerTo(outcome, {
      pass: `The policy document does not grant access to perform one or more of the listed ${listed}.`,
      fail: `The policy document grants access to perform one or more of the listed ${listed}.`,
      reason: `One or more of the listed ${listed} in the statement`,
    })
  },
  record: (input) => recordOf(input),
})

/** @throws InvalidParameterException where there is no such action: nothing would ever grant it */
function requireAction(action: string): void {
  const prefix = action.split(':')[0] ?? ''
  if (action === '*' || /[*?]/.test(prefix)) return
  const isKnown = isKnownService(prefix) ? matchedActions(action).length > 0 : PREFIXES.has(prefix.toLowerCase())
  if (isKnown && action.includes(':')) return
  const near = nearest(
    action.slice(0, 96),
    allActions().map((facts) => facts.action),
  )
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  throw errors.InvalidParameterException(`The action ${action} does not exist.${hint}`)
}

/** @throws InvalidParameterException where it is no ARN: nothing would ever match it */
function requireResource(resource: string): void {
  if (resource === '*' || (resource.startsWith('arn:') && resource.split(':').length >= 6)) return
  throw errors.InvalidParameterException(`The resource ${resource} is no ARN, and not "*".`)
}
