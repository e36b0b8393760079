import type { Operation } from '../../kernel/operation.ts'
import { DisableRegion } from './operations/disable-region.ts'
import { EnableRegion } from './operations/enable-region.ts'
import { GetAccountInformation } from './operations/get-account-information.ts'
import { GetContactInformation } from './operations/get-contact-information.ts'
import { GetPrimaryEmail } from './operations/get-primary-email.ts'
import { GetRegionOptStatus } from './operations/get-region-opt-status.ts'
import { ListRegions } from './operations/list-regions.ts'
import { PutAccountName } from './operations/put-account-name.ts'
import { PutContactInformation } from './operations/put-contact-information.ts'

/** Every operation of Account Management that this server does. */
export const accountOperations: readonly Operation[] = [
  DisableRegion,
  EnableRegion,
  GetAccountInformation,
  GetContactInformation,
  GetPrimaryEmail,
  GetRegionOptStatus,
  ListRegions,
  PutAccountName,
  PutContactInformation,
]

/** Operations that AWS has and this server does not do: alternate contacts, and changes of the address and the like. */
export const accountUnimplemented: readonly string[] = [
  'AcceptPrimaryEmailUpdate',
  'DeleteAlternateContact',
  'GetAlternateContact',
  'GetGovCloudAccountInformation',
  'GetPrimaryEmailUpdateStatus',
  'PutAlternateContact',
  'SendPhoneNumberVerification',
  'StartPrimaryEmailUpdate',
  'VerifyPhoneNumber',
]

/** Where each operation of AWS's is found: by its name, in lower camel case. */
export const accountRoutes: Readonly<Record<string, string>> = Object.fromEntries(
  [...accountOperations.map(({ name }) => name), ...accountUnimplemented].map((name) => [
    `POST /${name.charAt(0).toLowerCase()}${name.slice(1)}`,
    name,
  ]),
)
