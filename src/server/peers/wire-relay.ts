import { z } from 'zod'
import type { WireRequest, WireResponse } from '../../protocol/wire.ts'

const request = z.object({
  method: z.string(),
  path: z.string(),
  query: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.base64(),
  sourceIp: z.string(),
  secure: z.boolean(),
})

const response = z.object({ status: z.number().int(), headers: z.record(z.string(), z.string()), body: z.base64() })

/** A client's request on its way to the home, as it came: its signature still holds there. */
export function requestToJson({ body, ...head }: WireRequest): z.infer<typeof request> {
  return { ...head, headers: { ...head.headers }, body: body.toString('base64') }
}

/** @throws ZodError */
export function requestFromJson(json: unknown): WireRequest {
  const { body, headers, ...head } = request.parse(json)
  // Without a prototype, as a request's own are.
  const own = Object.assign(Object.create(null) as Record<string, string>, headers)
  return { ...head, headers: own, body: Buffer.from(body, 'base64') }
}

export function responseToJson({ status, headers, body }: WireResponse): z.infer<typeof response> {
  return { status, headers: { ...headers }, body: Buffer.from(body).toString('base64') }
}

/** @throws ZodError */
export function responseFromJson(json: unknown): WireResponse {
  const { status, headers, body } = response.parse(json)
  return { status, headers, body: Buffer.from(body, 'base64') }
}
