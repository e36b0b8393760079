/**
 * Copies that have their memory to themselves, one piece of it for all of them.
 *
 * A small `Buffer` is a slice of 64 KB that others share, and all of it stays as long as the slice does: what is kept
 * for long is copied by this.
 */
export function ownMemory<Parts extends readonly Uint8Array[]>(...parts: Parts): { [Part in keyof Parts]: Buffer } {
  const memory = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  const copies = parts.map((part) => {
    memory.set(part, end)
    end += part.length
    return memory.subarray(end - part.length, end)
  })
  return copies as { [Part in keyof Parts]: Buffer }
}
