import { Agent, request as requestHttp } from 'node:http'
import { Agent as TlsAgent, request as requestHttps } from 'node:https'
import { reasonOf } from '../system-errors.ts'
import type { Verdict } from './export-queue.ts'
import { otlpProtobuf } from './protobuf.ts'
import type { SignalSettings } from './settings.ts'

/** What a collector may say while it is overloaded or away (OTLP 1, "Retryable Response Codes"). */
const LATER: readonly number[] = [429, 502, 503, 504]

/** Sends messages of OTLP. */
export interface OtlpSender {
  /** Never throws. */
  readonly send: (message: object) => Promise<Verdict>
  readonly close: () => void
}

/** @param tell told when a collector begins to fail, with why */
export function createOtlpSender(
  { url, headers, protocol, timeout }: SignalSettings,
  tell: (reason: string) => void,
): OtlpSender {
  const isTls = url.protocol === 'https:'
  const agent = isTls ? new TlsAgent({ keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: true, maxSockets: 1 })
  const isJson = protocol === 'http/json'
  const options = {
    method: 'POST',
    agent,
    headers: { ...headers, 'Content-Type': isJson ? 'application/json' : 'application/x-protobuf' },
  }
  let isFailing = false

  const post = (body: string | Buffer) =>
    new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`there was no answer within ${timeout} ms`))
        sent.destroy()
      }, timeout)
      const sent = (isTls ? requestHttps : requestHttp)(url, options, (response) => {
        response.resume()
        response.on('error', reject)
        response.on('end', () => resolve(response.statusCode ?? 0))
      })
      sent.on('error', reject)
      sent.on('close', () => clearTimeout(late))
      sent.end(body)
    })
  const fail = (verdict: Verdict, reason: string): Verdict => {
    if (!isFailing) tell(`${url.host} takes no telemetry: ${reason}`)
    isFailing = true
    return verdict
  }
  return {
    async send(message) {
      try {
        const status = await post(isJson ? JSON.stringify(message) : otlpProtobuf(message))
        if (status >= 300) return fail(LATER.includes(status) ? 'later' : 'refused', `its answer is ${status}`)
        isFailing = false
        return 'taken'
      } catch (error) {
        return fail('later', reasonOf(error))
      }
    },
    close: () => agent.destroy(),
  }
}
