import type { Stack, StackLink, StackOutput } from '../../../domain/stack.ts'
import type { RegionReads, RegionWrites } from '../../../storage/store.ts'
import { errors } from '../errors.ts'

/**
 * The values of what a stack imports.
 *
 * @throws ValidationError where nothing is exported under a name
 */
export async function resolveImports(
  { account }: Pick<Stack, 'account'>,
  names: readonly string[],
  reads: RegionReads,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>()
  for (const name of names) {
    const found = await reads.exportNamed(account, name)
    if (found === null) throw errors.ValidationError(`No export named ${name} found.`)
    values.set(name, found.value)
  }
  return values
}

/** The ties of a stack to what it imports. */
export function importLinks(
  { account, id, name: stackName }: Pick<Stack, 'account' | 'id' | 'name'>,
  names: readonly string[],
): readonly StackLink[] {
  return names.map((name) => ({ account, kind: 'import', name, stackId: id, stackName, value: '' }))
}

/**
 * Keeps what a stack exports now in place of what it has exported.
 *
 * @throws ValidationError where another stack exports a name, or what is changed or taken away is in use
 */
export async function keepExports(stack: Stack, outputs: readonly StackOutput[], writes: RegionWrites): Promise<void> {
  const { account, id, name: stackName } = stack
  const links = outputs.flatMap(({ exportName, value }): StackLink[] =>
    exportName === null ? [] : [{ account, kind: 'export', name: exportName, stackId: id, stackName, value }],
  )
  for (const { name } of links) {
    const known = await writes.exportNamed(account, name)
    if (known === null || known.stackId === id) continue
    throw errors.ValidationError(`Export with name ${name} is already exported by stack ${known.stackName}.`)
  }
  for (const before of await writes.linksOf(account, id, 'export')) {
    const now = links.find(({ name }) => name === before.name)
    if (now === undefined) await requireUnused(account, before.name, 'deleted', writes)
    else if (now.value !== before.value) await requireUnused(account, before.name, 'updated', writes)
  }
  await writes.putStackLinks(account, id, 'export', links)
}

/** @throws ValidationError where a stack imports what is exported under a name */
export async function requireUnused(
  account: string,
  name: string,
  verb: 'deleted' | 'updated',
  reads: RegionReads,
): Promise<void> {
  const users = (await reads.importsOf(account, name)).map(({ stackName }) => stackName)
  if (users.length === 0) return
  throw errors.ValidationError(`Export ${name} cannot be ${verb} as it is in use by ${users.join(', ')}`)
}
