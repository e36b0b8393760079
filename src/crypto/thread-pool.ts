let ofThisTurn: Promise<void> | null = null

/**
 * Waits for the end of this turn of the event loop. Who has waited for the thread pool goes on with all others whose
 * work has ended meanwhile: they share a turn, and the write of their records.
 */
export function together(): Promise<void> {
  ofThisTurn ??= new Promise((resolve) =>
    setImmediate(() => {
      ofThisTurn = null
      resolve()
    }),
  )
  return ofThisTurn
}

/** Has OpenSSL do something in the thread pool. */
export async function inThreadPool<Result>(
  begin: (done: (error: Error | null, result: Result) => void) => void,
): Promise<Result> {
  const result = await new Promise<Result>((resolve, reject) =>
    begin((error, made) => (error === null ? resolve(made) : reject(error))),
  )
  await together()
  return result
}
