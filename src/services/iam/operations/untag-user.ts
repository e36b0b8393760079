import { untagSubject } from '../tagging.ts'

/** Takes tags away from a user. */
export const UntagUser = untagSubject('UntagUser', 'user')
