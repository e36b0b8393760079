import { z } from 'zod'
import { errors } from '../errors.ts'
import * as shape from '../shapes.ts'

/** What every operation takes that uses a key which is no symmetric encryption key. */
export const useInput = {
  KeyId: shape.keyId,
  GrantTokens: shape.grantTokens.optional(),
  DryRun: z.boolean().optional(),
} as const

/** What every such operation may refuse with. */
export const useErrors = [
  errors.DisabledException,
  errors.DryRunOperationException,
  errors.InvalidGrantTokenException,
  errors.InvalidKeyUsageException,
  errors.KMSInvalidStateException,
  errors.NotFoundException,
] as const
