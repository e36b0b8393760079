import { z } from 'zod'
import { parsePolicyArn } from '../../domain/identity-arn.ts'
import { globalReadOperation, globalWriteOperation } from '../../kernel/operation.ts'
import { errors } from './errors.ts'
import { findPolicy } from './managed-policies.ts'
import { pageOf } from './page.ts'
import { recordOf } from './record.ts'
import * as shape from './shapes.ts'
import { changeable, existing, findSubject, nameIn, needOn, save, subjects, type Subjects } from './subject.ts'

/**
 * The operations on attached policies are the same for users, groups and roles: each of these makes the one of a
 * kind, under its name.
 */

/** `Attach…Policy`: attaches a managed policy. One that is attached already stays so. */
export function attachPolicy(operation: string, kind: keyof Subjects) {
  const { member, attachments } = subjects[kind]
  return globalWriteOperation({
    name: operation,
    errors: [errors.LimitExceeded, errors.NoSuchEntity, errors.UnmodifiableEntity, errors.ValidationError],
    input: z.object({ [member]: shape.name, PolicyArn: shape.arn }),
    load: async (input, call, reads) => ({
      owner: await findSubject(kind, nameIn(input, subjects[kind]), call, reads),
      target: await findPolicy(input['PolicyArn'] ?? '', call, reads),
    }),
    requires: (_input, { owner, target }) => [needOn(operation, owner, { 'iam:PolicyARN': target.arn })],
    async run(_input, { owner: found, target }, _call, { writes }): Promise<void> {
      const owner = changeable(found)
      const { arn, policy } = target
      // A policy of a service-linked role is that role's alone.
      if (policy === null || policy.path.startsWith('/aws-service-role/')) {
        throw errors.NoSuchEntity(`Policy ${arn} does not exist or is not attachable.`)
      }
      if (owner.attachedPolicies.includes(arn)) return
      if (owner.attachedPolicies.length >= attachments) {
        const quota = `PoliciesPer${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
        throw errors.LimitExceeded(`Cannot exceed quota for ${quota}: ${attachments}`)
      }
      await save(writes, found, { ...owner, attachedPolicies: [...owner.attachedPolicies, arn] })
    },
    record: (input) => recordOf(input),
  })
}

/** `Detach…Policy`: detaches a managed policy. */
export function detachPolicy(operation: string, kind: keyof Subjects) {
  const { member } = subjects[kind]
  return globalWriteOperation({
    name: operation,
    errors: [errors.NoSuchEntity, errors.UnmodifiableEntity],
    input: z.object({ [member]: shape.name, PolicyArn: shape.arn }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: ({ PolicyArn = '' }, found) => [needOn(operation, found, { 'iam:PolicyARN': PolicyArn })],
    async run({ PolicyArn = '' }, found, _call, { writes }): Promise<void> {
      const owner = changeable(found)
      if (!owner.attachedPolicies.includes(PolicyArn)) {
        throw errors.NoSuchEntity(`Policy ${PolicyArn} was not found.`)
      }
      const attachedPolicies = owner.attachedPolicies.filter((arn) => arn !== PolicyArn)
      await save(writes, found, { ...owner, attachedPolicies })
    },
    record: (input) => recordOf(input),
  })
}

/** `ListAttached…Policies`: lists the managed policies that are attached. */
export function listAttachedPolicies(operation: string, kind: keyof Subjects) {
  const { member } = subjects[kind]
  return globalReadOperation({
    name: operation,
    errors: [errors.NoSuchEntity, errors.ValidationError],
    input: z.object({ [member]: shape.name, PathPrefix: shape.pathPrefix.default('/'), ...shape.paging }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: (_input, found) => [needOn(operation, found)],
    run(input, found) {
      const policies = existing(found).attachedPolicies.flatMap((arn) => {
        const place = parsePolicyArn(arn)
        return place?.path.startsWith(input.PathPrefix) ? [{ PolicyName: place.name, PolicyArn: arn }] : []
      })
      const { items, more } = pageOf(operation, policies, input, ({ PolicyArn }) => PolicyArn)
      return { AttachedPolicies: items, ...more }
    },
    record: (input) => recordOf(input),
  })
}
