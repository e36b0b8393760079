/** A target was not told. Its message says why, in words that hold no secret. */
export class SendError extends Error {}

/** How much of what a target says is kept, in bytes. */
export const MOST_ANSWER = 512

/** What a target has said, on one line. */
export function quoted(answer: Buffer): string {
  const text = answer
    .toString()
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
  return text === '' ? '' : `: ${text}`
}
