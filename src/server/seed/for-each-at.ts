import type { SeedPath } from './read.ts'

/** Does something for each member of a list in a seed, one after the other. */
export async function forEachAt<Item>(
  items: readonly Item[] | undefined,
  path: SeedPath,
  work: (item: Item, path: SeedPath) => Promise<void>,
): Promise<void> {
  for (const [index, item] of (items ?? []).entries()) await work(item, [...path, index])
}
