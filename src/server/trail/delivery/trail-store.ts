import type { CheckBucket } from '../../../services/cloudtrail/bucket-check.ts'

/** An object that is delivered. */
export interface DeliveredObject {
  readonly bucket: string
  readonly object: string
  readonly bytes: Buffer
  readonly metadata: Readonly<Record<string, string>>
}

/** Where trails are delivered. */
export interface TrailStore {
  readonly check: CheckBucket
  /**
   * Puts an object, in place of one of that name. It is durable when the promise resolves.
   *
   * @param signal gives up
   * @throws DeliveryError
   */
  put(object: DeliveredObject, signal: AbortSignal): Promise<void>
}

/** Why something was not delivered. */
export class DeliveryError extends Error {
  /** As S3 names it, and GetTrailStatus tells it. */
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
