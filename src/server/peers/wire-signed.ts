import { z } from 'zod'
import type { Signed } from '../../replication/signed.ts'

const shape = z.object({ payload: z.base64(), signature: z.base64() })

/** What is signed, as it stands in JSON. */
export function signedToJson({ payload, signature }: Signed): z.infer<typeof shape> {
  return { payload: payload.toString('base64'), signature: signature.toString('base64') }
}

/** @throws ZodError where it is nothing signed */
export function signedFromJson(body: unknown): Signed {
  const { payload, signature } = shape.parse(body)
  return { payload: Buffer.from(payload, 'base64'), signature: Buffer.from(signature, 'base64') }
}
