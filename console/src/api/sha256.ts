import { joined } from './bytes.ts'

type Data = string | ArrayBuffer | ArrayBufferView

const ALGORITHM = 'SHA-256'

/** SHA-256 and its HMAC by the browser's own cryptography, as the signer asks for it. */
export class Sha256 {
  readonly #secret: Data | undefined
  #parts: Uint8Array<ArrayBuffer>[] = []

  constructor(secret?: Data) {
    this.#secret = secret
  }

  update(part: Uint8Array | string): void {
    this.#parts.push(bytesOf(part))
  }

  async digest(): Promise<Uint8Array> {
    const message = joined(this.#parts)
    if (this.#secret === undefined) return new Uint8Array(await crypto.subtle.digest(ALGORITHM, message))
    const algorithm = { name: 'HMAC', hash: ALGORITHM }
    const key = await crypto.subtle.importKey('raw', bytesOf(this.#secret), algorithm, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, message))
  }

  reset(): void {
    this.#parts = []
  }
}

function bytesOf(data: Data): Uint8Array<ArrayBuffer> {
  if (typeof data === 'string') return new TextEncoder().encode(data)
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer)
    : new Uint8Array(data)
}
