import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'

/**
 * Compares a text with a file of `test/golden`, which people have read and approved. `KEYSPAN_UPDATE_GOLDEN=1` writes
 * the file instead: then its difference is to be read like any other change.
 */
export async function expectGolden(name: string, text: string): Promise<void> {
  const path = new URL(`golden/${name}`, import.meta.url)
  if (process.env['KEYSPAN_UPDATE_GOLDEN'] === '1') await writeFile(path, text)
  expect(text, `${name} is no longer what was approved; see test/golden-file.ts`).toBe(await readFile(path, 'utf8'))
}

/** Rows of cells as aligned columns, with a line under the first row. */
export function columns([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, index) => Math.max(...[head, ...rows].map((row) => row[index]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')
  const lines = [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)]
  return lines.map((each) => `${each.trimEnd()}\n`).join('')
}
