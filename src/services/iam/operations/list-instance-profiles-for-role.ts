import { emptyRoleListing } from '../empty-listing.ts'

/** Lists the instance profiles that hold a role: there are none here. */
export const ListInstanceProfilesForRole = emptyRoleListing('ListInstanceProfilesForRole', 'InstanceProfiles')
