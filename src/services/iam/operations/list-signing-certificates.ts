import { emptyUserListing } from '../empty-listing.ts'

/** Lists a user's signing certificates: there are none here. */
export const ListSigningCertificates = emptyUserListing('ListSigningCertificates', 'Certificates')
