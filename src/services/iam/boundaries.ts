import { z } from 'zod'
import { globalWriteOperation } from '../../kernel/operation.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { errors } from './errors.ts'
import { existingPolicy, findPolicy } from './managed-policies.ts'
import { recordOf } from './record.ts'
import * as shape from './shapes.ts'
import { changeable, findSubject, nameIn, needOn, save, subjects } from './subject.ts'

/**
 * Accepts a managed policy as a permissions boundary.
 *
 * @throws NoSuchEntity, ValidationError
 */
export async function acceptBoundary(arn: string, call: Call, reads: GlobalReads): Promise<void> {
  existingPolicy(await findPolicy(arn, call, reads))
}

/** `Put…PermissionsBoundary`: sets the policy that limits what others can grant. */
export function putBoundary(operation: string, kind: 'user' | 'role') {
  const { member } = subjects[kind]
  return globalWriteOperation({
    name: operation,
    errors: [errors.NoSuchEntity, errors.UnmodifiableEntity, errors.ValidationError],
    input: z.object({ [member]: shape.name, PermissionsBoundary: shape.arn }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: ({ PermissionsBoundary = '' }, found) => [
      needOn(operation, found, { 'iam:PermissionsBoundary': PermissionsBoundary }),
    ],
    async run({ PermissionsBoundary = '' }, found, call, { writes }): Promise<void> {
      const document = changeable(found)
      await acceptBoundary(PermissionsBoundary, call, writes)
      await save(writes, found, { ...document, boundary: PermissionsBoundary })
    },
    record: (input) => recordOf(input),
  })
}

/** `Delete…PermissionsBoundary`: takes the boundary away, so that all that is granted counts. */
export function deleteBoundary(operation: string, kind: 'user' | 'role') {
  const { member } = subjects[kind]
  return globalWriteOperation({
    name: operation,
    errors: [errors.NoSuchEntity, errors.UnmodifiableEntity],
    input: z.object({ [member]: shape.name }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: (_input, found) => [needOn(operation, found)],
    async run(_input, found, _call, { writes }): Promise<void> {
      const document = changeable(found)
      if (document.boundary === null) {
        throw errors.NoSuchEntity(`The ${kind} with name ${document.name} has no permissions boundary.`)
      }
      await save(writes, found, { ...document, boundary: null })
    },
    record: (input) => recordOf(input),
  })
}
