/** Pairs that are written one a line, as `team=payments`; null where a line is none. */
export function readPairs(text: string): Readonly<Record<string, string>> | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (!lines.every((line) => line.indexOf('=') > 0)) return null
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
