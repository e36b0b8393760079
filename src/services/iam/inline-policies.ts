import { z } from 'zod'
import { globalReadOperation, globalWriteOperation } from '../../kernel/operation.ts'
import { acceptIdentityPolicy, encodeDocument, sizeOf } from './accept-policy.ts'
import { errors } from './errors.ts'
import { pageOf } from './page.ts'
import { recordOf } from './record.ts'
import * as shape from './shapes.ts'
import { changeable, existing, findSubject, nameIn, needOn, save, subjects, type Subjects } from './subject.ts'

/**
 * The operations on inline policies are the same for users, groups and roles: each of these makes the one of a kind,
 * under its name.
 */

/** `Put…Policy`: puts a policy into an identity, in the place of one of the same name. */
export function putInlinePolicy(operation: string, kind: keyof Subjects) {
  const { member, inlineSize } = subjects[kind]
  return globalWriteOperation({
    name: operation,
    errors: [errors.LimitExceeded, errors.MalformedPolicyDocument, errors.NoSuchEntity, errors.UnmodifiableEntity],
    input: z.object({ [member]: shape.name, PolicyName: shape.policyName, PolicyDocument: shape.policyDocument }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: (_input, found) => [needOn(operation, found)],
    async run({ PolicyName = '', PolicyDocument = '' }, found, _call, { writes }): Promise<void> {
      const owner = changeable(found)
      const inlinePolicies = { ...owner.inlinePolicies, [PolicyName]: PolicyDocument }
      const size = Object.values(inlinePolicies).reduce((sum, text) => sum + sizeOf(text), 0)
      if (size > inlineSize) {
        throw errors.LimitExceeded(`Maximum policy size of ${inlineSize} bytes exceeded for ${kind} ${owner.name}`)
      }
      // After its size is known: to read it takes longer, the longer it is.
      acceptIdentityPolicy(PolicyDocument)
      await save(writes, found, { ...owner, inlinePolicies })
    },
    record: (input) => recordOf(input),
  })
}

/** `Get…Policy`: shows an inline policy. */
export function getInlinePolicy(operation: string, kind: keyof Subjects) {
  const { member } = subjects[kind]
  return globalReadOperation({
    name: operation,
    errors: [errors.NoSuchEntity],
    input: z.object({ [member]: shape.name, PolicyName: shape.policyName }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: (_input, found) => [needOn(operation, found)],
    run({ PolicyName = '' }, found) {
      const owner = existing(found)
      const text = inlinePolicy(kind, owner, PolicyName)
      return { [member]: owner.name, PolicyName, PolicyDocument: encodeDocument(text) }
    },
    record: (input) => recordOf(input),
  })
}

/** `List…Policies`: lists the names of inline policies. */
export function listInlinePolicies(operation: string, kind: keyof Subjects) {
  const { member } = subjects[kind]
  return globalReadOperation({
    name: operation,
    errors: [errors.NoSuchEntity],
    input: z.object({ [member]: shape.name, ...shape.paging }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: (_input, found) => [needOn(operation, found)],
    run(input, found) {
      const names = Object.keys(existing(found).inlinePolicies)
      const { items, more } = pageOf(operation, names, input, (name) => name)
      return { PolicyNames: items, ...more }
    },
    record: (input) => recordOf(input),
  })
}

/** `Delete…Policy`: takes an inline policy away. */
export function deleteInlinePolicy(operation: string, kind: keyof Subjects) {
  const { member } = subjects[kind]
  return globalWriteOperation({
    name: operation,
    errors: [errors.NoSuchEntity, errors.UnmodifiableEntity],
    input: z.object({ [member]: shape.name, PolicyName: shape.policyName }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: (_input, found) => [needOn(operation, found)],
    async run({ PolicyName = '' }, found, _call, { writes }): Promise<void> {
      const owner = changeable(found)
      inlinePolicy(kind, owner, PolicyName)
      const rest = Object.entries(owner.inlinePolicies).filter(([name]) => name !== PolicyName)
      await save(writes, found, { ...owner, inlinePolicies: Object.fromEntries(rest) })
    },
    record: (input) => recordOf(input),
  })
}

/** A name may be one that every object knows, such as `constructor`: only the policy's own count. */
function inlinePolicy(kind: string, { inlinePolicies }: Subjects[keyof Subjects], name: string): string {
  const text = Object.hasOwn(inlinePolicies, name) ? inlinePolicies[name] : undefined
  if (text === undefined) throw errors.NoSuchEntity(`The ${kind} policy with name ${name} cannot be found.`)
  return text
}
