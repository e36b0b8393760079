import { listSubjectTags } from '../tagging.ts'

/** Lists the tags of a role. */
export const ListRoleTags = listSubjectTags('ListRoleTags', 'role')
