/** Of some names, the one that comes nearest to what was written; undefined where none is near. */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  const text = written.toLowerCase()
  let best: string | undefined
  // More than a third of the letters wrong is another word.
  let least = Math.floor(text.length / 3) + 1
  for (const name of names) {
    const distance = editDistance(text, name.toLowerCase(), least)
    if (distance < least) [best, least] = [name, distance]
  }
  return best
}

/** How many letters must be put in, taken out or changed (Levenshtein); `limit` where it is so many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j += 1) {
      const changed = (row[j] ?? 0) + Number(a[i] !== b[j])
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return Math.min(row[b.length] ?? limit, limit)
}
