import { listSubjectTags } from '../tagging.ts'

/** Lists the tags of a user. */
export const ListUserTags = listSubjectTags('ListUserTags', 'user')
