import { emptyUserListing } from '../empty-listing.ts'

/** Lists a user's second factors: there are none here. */
export const ListMFADevices = emptyUserListing('ListMFADevices', 'MFADevices')
