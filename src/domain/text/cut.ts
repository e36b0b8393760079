/** Text of at most `max` characters: of longer text its beginning, and how long it was. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  // Half a surrogate pair has no bytes.
  return `${text.slice(0, max).toWellFormed()}... (${text.length} characters)`
}
