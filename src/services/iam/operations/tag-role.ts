import { tagSubject } from '../tagging.ts'

/** Puts tags on a role. */
export const TagRole = tagSubject('TagRole', 'role')
