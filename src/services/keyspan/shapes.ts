import { z } from 'zod'
import { keyArn } from '../../domain/arn.ts'
import type { Call } from '../../kernel/call.ts'
import { list } from '../../kernel/parse.ts'
import { errors } from './errors.ts'

/** The members that operations share. */

/** The ARN of a key, or the id of one in the Region that is asked. */
export const keyId = z
  .string()
  .regex(
    /^(?:arn:aws:kms:[a-z0-9-]{1,32}:\d{12}:key\/)?(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
  )
export const names = list(z.string().min(1).max(2048), 100)
export const conditionKeys = z.record(z.string(), z.string().max(2048))
export const token = z.string().min(1).max(4096).optional()

/** The ARN of the key that a request means. */
export function arnOf(id: string, { region, caller }: Call): string {
  return id.startsWith('arn:') ? id : keyArn(region, caller.account, id)
}

/** Where a listing goes on, as text. It holds nothing that its reader may not see, and one that is made up only begins elsewhere. */
export function tokenOf(place: unknown): { readonly NextToken?: string } {
  return place === null ? {} : { NextToken: Buffer.from(JSON.stringify(place)).toString('base64url') }
}

/** @throws ValidationException where it is none that was given */
export function placeOf<Place>(given: string | undefined, shape: z.ZodType<Place>): Place | null {
  if (given === undefined) return null
  try {
    return shape.parse(JSON.parse(Buffer.from(given, 'base64url').toString()))
  } catch {
    throw errors.ValidationException('NextToken is none that was given here: give the one of the page before, or none.')
  }
}

/** A place in a listing of principals. */
export const subjectPlace = z.object({ source: z.int().min(0), after: z.string().max(2048).nullable() })
