import type { ChangeSet, Stack } from '../../domain/stack.ts'
import type { RegionWrites } from '../../storage/store.ts'

/** What was planned for a stack before it changes is of no use after. */
export async function retireChangeSets(stack: Stack, executed: string | null, writes: RegionWrites): Promise<void> {
  for (const changeSet of await writes.stackParts(stack.id, 'change-set', null)) {
    if (changeSet.id === executed) continue
    if (changeSet.execution === 'EXECUTED') {
      await writes.deleteStackPart(stack.id, 'change-set', changeSet.id)
      continue
    }
    const obsolete: ChangeSet = { ...changeSet, execution: 'OBSOLETE' }
    await writes.putStackPart(stack.id, 'change-set', changeSet.id, obsolete)
  }
}

/** A planned change without the values that it is about. */
export function withoutValues(change: ChangeSet['changes'][number]): ChangeSet['changes'][number] {
  return {
    ...change,
    Details: change.Details.map(({ Target, ...detail }) => {
      const { Path: _path, BeforeValue: _before, AfterValue: _after, AttributeChangeType: _type, ...target } = Target
      return { Target: target, ...detail }
    }),
  }
}
