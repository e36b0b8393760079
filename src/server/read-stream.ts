/** The beginning of what somebody else answers, as bytes; the rest is not waited for, however much it is. */
export async function readSome(answer: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= most) break
  }
  return Buffer.concat(chunks).subarray(0, most)
}

/**
 * All that somebody says, as bytes, in one buffer that the caller may wipe: what it came in is wiped here.
 *
 * @throws what `tooLong` makes where it is longer than `most`; the rest is not waited for
 */
export async function readAll(said: AsyncIterable<Uint8Array>, most: number, tooLong: () => Error): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of said) {
      chunks.push(chunk)
      length += chunk.length
      if (length > most) throw tooLong()
    }
    return Buffer.concat(chunks)
  } finally {
    for (const chunk of chunks) chunk.fill(0)
  }
}
