import { tagSubject } from '../tagging.ts'

/** Puts tags on a user. */
export const TagUser = tagSubject('TagUser', 'user')
