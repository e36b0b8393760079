import { emptyUserListing } from '../empty-listing.ts'

/** Lists a user's keys for CodeCommit: there are none here. */
export const ListSSHPublicKeys = emptyUserListing('ListSSHPublicKeys', 'SSHPublicKeys')
