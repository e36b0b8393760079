import { z } from 'zod'
import { globalReadOperation, globalWriteOperation } from '../../kernel/operation.ts'
import { errors } from './errors.ts'
import { pageOf } from './page.ts'
import { recordOf } from './record.ts'
import * as shape from './shapes.ts'
import { existing, findSubject, nameIn, needOn, save, subjects } from './subject.ts'
import { addTags, dropTags, requestTagKeys, wireTags } from './tags.ts'

/**
 * The operations on the tags of users and roles. A service-linked role can be tagged like any other (IAM User
 * Guide, "Service-linked roles").
 */

/** `Tag…`: puts tags on a user or role. */
export function tagSubject(operation: string, kind: 'user' | 'role') {
  return globalWriteOperation({
    name: operation,
    errors: [errors.InvalidInput, errors.LimitExceeded, errors.NoSuchEntity],
    input: z.object({ [subjects[kind].member]: shape.name }).and(z.object({ Tags: shape.tags })),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: ({ Tags }, found) => [needOn(operation, found, requestTagKeys(Tags))],
    async run({ Tags }, found, _call, { writes }): Promise<void> {
      const document = existing(found)
      await save(writes, found, { ...document, tags: addTags(document.tags, Tags) })
    },
    record: (input) => recordOf(input),
  })
}

/** `Untag…`: takes tags away. */
export function untagSubject(operation: string, kind: 'user' | 'role') {
  return globalWriteOperation({
    name: operation,
    errors: [errors.InvalidInput, errors.NoSuchEntity],
    input: z.object({ [subjects[kind].member]: shape.name }).and(z.object({ TagKeys: shape.tagKeys })),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: ({ TagKeys }, found) => [needOn(operation, found, { 'aws:TagKeys': TagKeys })],
    async run({ TagKeys }, found, _call, { writes }): Promise<void> {
      const document = existing(found)
      await save(writes, found, { ...document, tags: dropTags(document.tags, TagKeys) })
    },
    record: (input) => recordOf(input),
  })
}

/** `List…Tags`: lists the tags of a user or role. */
export function listSubjectTags(operation: string, kind: 'user' | 'role') {
  return globalReadOperation({
    name: operation,
    errors: [errors.NoSuchEntity, errors.ValidationError],
    input: z.object({ [subjects[kind].member]: shape.name, ...shape.paging }),
    load: (input, call, reads) => findSubject(kind, nameIn(input, subjects[kind]), call, reads),
    requires: (_input, found) => [needOn(operation, found)],
    run(input, found) {
      const { items, more } = pageOf(operation, wireTags(existing(found).tags), input, ({ Key }) => Key)
      return { Tags: items, ...more }
    },
    record: (input) => recordOf(input),
  })
}
