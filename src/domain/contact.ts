/** How the holder of an account is reached, in the words of AWS Account Management's API. */
export interface ContactInformation {
  readonly FullName: string
  readonly AddressLine1: string
  readonly AddressLine2?: string | undefined
  readonly AddressLine3?: string | undefined
  readonly City: string
  readonly StateOrRegion?: string | undefined
  readonly DistrictOrCounty?: string | undefined
  readonly PostalCode: string
  readonly CountryCode: string
  readonly PhoneNumber: string
  readonly CompanyName?: string | undefined
  readonly WebsiteUrl?: string | undefined
}
