import { z } from 'zod'

/** Where a store keeps the keys by which its audit log is vouched for. */
export const AUDIT_KEYS = 'audit-keys'

/** Whether a store keeps the keys of some process's audit log under this name. */
export function namesAuditKeys(name: unknown): boolean {
  return typeof name === 'string' && (name === AUDIT_KEYS || name.startsWith(`${AUDIT_KEYS}@`))
}

const storedKey = z.object({ verifier: z.string(), wrapped: z.string() })
const storedKeys = z.object({ log: storedKey, witness: storedKey })

/** A key as it rests: its public half as others are told it, and its private one, sealed. */
export type StoredAuditKey = z.infer<typeof storedKey>

/** The stored keys, out of their text. */
export function parseAuditKeys(text: string): z.infer<typeof storedKeys> {
  return storedKeys.parse(JSON.parse(text))
}
