import { emptyUserListing } from '../empty-listing.ts'

/** Lists a user's passwords for single services: there are none here. */
export const ListServiceSpecificCredentials = emptyUserListing(
  'ListServiceSpecificCredentials',
  'ServiceSpecificCredentials',
)
