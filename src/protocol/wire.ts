/** An HTTP request, without its socket. */
export interface WireRequest {
  readonly method: string
  /** As it came: neither decoded nor normalized. */
  readonly path: string
  /** As it came, without the question mark. */
  readonly query: string
  /** By lower-case name; a header that came several times has its values joined with commas. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly sourceIp: string
  /** Whether it came over TLS. */
  readonly secure: boolean
}

/** An HTTP response, without its socket. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export type WireHandler = (request: WireRequest) => Promise<WireResponse>

/** That a request has no answer: its connection is closed, as if nobody were there. */
export class NoAnswerError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NoAnswer'
  }
}
