/** A request that was refused, or that had no answer. */
export class ApiError extends Error {
  /** As AWS names it, such as `AccessDeniedException`; `NetworkError` where no answer came. */
  readonly code: string
  readonly status: number
  /** By which an explanation of a refusal can be asked for; null where there is none. */
  readonly explainId: string | null

  constructor(code: string, message: string, status: number, explainId: string | null) {
    super(message)
    this.code = code
    this.status = status
    this.explainId = explainId
  }
}

/** What a page says of something that was thrown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError('NetworkError', error instanceof Error ? error.message : String(error), 0, null)
}
