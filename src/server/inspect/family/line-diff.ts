/** So many comparisons take some milliseconds. */
export const MOST_CELLS = 4_000_000

/** A line that both texts have, or only the first or the second. */
export interface DiffLine {
  readonly in: 'both' | 'first' | 'second'
  readonly text: string
}

/**
 * The lines of two texts in one list, with as many in common as can be (longest common subsequence).
 *
 * @param most how many comparisons it may take; texts that need more are shown one after the other
 */
export function diffLines(first: readonly string[], second: readonly string[], most = MOST_CELLS): readonly DiffLine[] {
  const only = (side: DiffLine['in'], lines: readonly string[]) => lines.map((text) => ({ in: side, text }))
  let start = 0
  while (start < first.length && start < second.length && first[start] === second[start]) start += 1
  const [a, b] = [first.slice(start), second.slice(start)]
  const head = only('both', first.slice(0, start))
  if (a.length * b.length > most) return [...head, ...only('first', a), ...only('second', b)]
  return [...head, ...walk(a, b, commonLengths(a, b))]
}

/** For each pair of places, how many lines the rests from there have in common. */
function commonLengths(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  return at
}

function walk(
  a: readonly string[],
  b: readonly string[],
  common: (i: number, j: number) => number,
): readonly DiffLine[] {
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]]
    if (left !== undefined && left === right) {
      lines.push({ in: 'both', text: left })
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || common(i + 1, j) >= common(i, j + 1))) {
      lines.push({ in: 'first', text: left })
      i += 1
    } else if (right !== undefined) {
      lines.push({ in: 'second', text: right })
      j += 1
    }
  }
  return lines
}
