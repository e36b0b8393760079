import { untagSubject } from '../tagging.ts'

/** Takes tags away from a role. */
export const UntagRole = untagSubject('UntagRole', 'role')
