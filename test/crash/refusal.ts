import { KMSServiceException } from '@aws-sdk/client-kms'

/** Says whether the server has answered, and refused. */
export function isRefusal(error: unknown): error is KMSServiceException {
  return error instanceof KMSServiceException && error.$response !== undefined && error.$fault === 'client'
}
