import { z } from 'zod'
import type { WireError } from '../../kernel/errors.ts'
import { pattern, structure } from '../../kernel/parse.ts'
import { writeOperation } from '../../kernel/operation.ts'
import { need, type Need } from '../../kernel/access/need.ts'
import type { Region } from '../../domain/region.ts'
import { errors } from './errors.ts'
import { recordOf } from './record.ts'
import * as shape from './shapes.ts'

/** The members of custom key stores, with the limits of AWS's model. */
export const keyStoreId = z.string().min(1).max(64)
export const keyStoreName = z.string().min(1).max(256)

const credential = structure({
  AccessKeyId: shape.secretText(20, 30, '^[A-Z2-7]+$'),
  RawSecretAccessKey: shape.secretText(43, 64, '^[a-zA-Z0-9\\/+=]+$'),
})

/** What CreateCustomKeyStore and UpdateCustomKeyStore both take. */
export const keyStoreMembers = {
  CloudHsmClusterId: z
    .string()
    .min(19)
    .max(24)
    .regex(...pattern('cluster-[2-7a-zA-Z]{11,16}'))
    .optional(),
  KeyStorePassword: shape.secretText(7, 32).optional(),
  XksProxyUriEndpoint: z
    .string()
    .min(10)
    .max(128)
    .regex(...pattern('^https://[a-zA-Z0-9.-]+$'))
    .optional(),
  XksProxyUriPath: z
    .string()
    .min(10)
    .max(128)
    .regex(...pattern('^(/[a-zA-Z0-9\\/_-]+/kms/xks/v\\d{1,2})$|^(/kms/xks/v\\d{1,2})$'))
    .optional(),
  XksProxyVpcEndpointServiceName: z
    .string()
    .min(20)
    .max(64)
    .regex(...pattern('^(com|eu)\\.amazonaws\\.vpce\\.([a-z]+-){2,3}\\d+\\.vpce-svc-[0-9a-z]+$'))
    .optional(),
  XksProxyVpcEndpointServiceOwner: z
    .string()
    .length(12)
    .regex(...pattern('[0-9]{12}'))
    .optional(),
  XksProxyAuthenticationCredential: credential.optional(),
  XksProxyConnectivity: z.enum(['PUBLIC_ENDPOINT', 'VPC_ENDPOINT_SERVICE']).optional(),
}

/** A custom key store is no resource of its own: IAM alone decides, on `*`. */
export function needForKeyStores(operation: string, region: Region): readonly Need[] {
  return [need(`kms:${operation}`, '*', region)]
}

/** The refusal of a custom key store: there are none. */
export function noSuchKeyStore(idOrName: string): WireError {
  return errors.CustomKeyStoreNotFoundException(
    `Custom key store ${idOrName} is not found: this server has no custom key stores.`,
  )
}

/** Defines an operation on custom key stores: what is asked is checked, and allowed or not, and then refused. */
export function keyStoreOperation<Input extends Readonly<Record<string, unknown>>>(
  name: string,
  input: z.ZodType<Input>,
  refusalOf: (given: Input) => WireError,
) {
  return writeOperation<Input, null, never>({
    name,
    errors: [errors.CustomKeyStoreNotFoundException, errors.UnsupportedOperationException],
    input,
    load: () => null,
    requires: (_input, _found, { region }) => needForKeyStores(name, region),
    run: (given) => Promise.reject(refusalOf(given)),
    // INVARIANT: neither the password nor the credential of a key store reaches a record.
    record: (given) =>
      recordOf({ ...given, KeyStorePassword: undefined, XksProxyAuthenticationCredential: undefined }, []),
  })
}
