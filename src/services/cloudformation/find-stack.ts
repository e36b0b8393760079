import { parseArn } from '../../domain/arn.ts'
import { stackArn, type ChangeSet, type Stack } from '../../domain/stack.ts'
import { need, type Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { RegionReads } from '../../storage/store.ts'
import { errors } from './errors.ts'

/** What a request names: a stack, or a name that no stack has. */
export interface FoundStack {
  readonly named: string
  readonly stack: Stack | null
}

/** Finds a stack of the caller's account: by its name while it is not deleted, by its ARN also later. */
export async function findStack(
  named: string,
  { caller: { account }, region }: Call,
  reads: RegionReads,
): Promise<FoundStack> {
  const arn = parseArn(named)
  if (arn === null) return { named, stack: await reads.stackNamed(account, named) }
  const [kind, name, id, ...rest] = arn.resource.split('/')
  const isOurs = arn.service === 'cloudformation' && arn.account === account && arn.region === region
  if (!isOurs || kind !== 'stack' || id === undefined || rest.length > 0) return { named, stack: null }
  const stack = await reads.stack(account, id)
  return { named, stack: stack?.name === name ? stack : null }
}

/** @throws ValidationError where there is no such stack */
export function existing({ named, stack }: FoundStack): Stack {
  if (stack === null) throw noSuchStack(named)
  return stack
}

/** The same for a stack that is not deleted. */
export function living(found: FoundStack): Stack {
  const stack = existing(found)
  if (stack.deletedAt !== null) throw noSuchStack(found.named)
  return stack
}

/** The refusal of a stack that does not exist. */
export function noSuchStack(named: string) {
  return errors.ValidationError(`Stack with id ${named} does not exist`)
}

/** The permission for an action on what a request names. */
export function needOn(action: string, { named, stack }: FoundStack, call: Call, context: Need['context'] = {}): Need {
  const tags = stack?.blueprint.tags ?? []
  const resourceTags = Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, Value]))
  return need(`cloudformation:${action}`, arnOf(named, stack, call), call.region, { ...resourceTags, ...context })
}

/** The permission for an action on nothing in particular. */
export function needAnywhere(action: string, { region }: Call, context: Need['context'] = {}): Need {
  return need(`cloudformation:${action}`, '*', region, context)
}

function arnOf(named: string, stack: Stack | null, { caller: { account }, region }: Call): string {
  if (stack !== null) return stackArn(stack)
  return named.startsWith('arn:') ? named : stackArn({ region, account, name: named, id: '*' })
}

/** A change set with its stack. */
export interface FoundChangeSet extends FoundStack {
  readonly changeSetNamed: string
  readonly changeSet: ChangeSet | null
}

/** Finds a change set: by its ARN, or by its name and the stack's. */
export async function findChangeSet(
  { ChangeSetName, StackName }: { readonly ChangeSetName: string; readonly StackName?: string | undefined },
  call: Call,
  reads: RegionReads,
): Promise<FoundChangeSet> {
  const arn = parseArn(ChangeSetName)
  if (arn === null) {
    if (StackName === undefined) {
      throw errors.ValidationError('StackName must be specified if ChangeSetName is not specified as an ARN.')
    }
    const found = await findStack(StackName, call, reads)
    const all = found.stack === null ? [] : await reads.stackParts(found.stack.id, 'change-set', null)
    return {
      ...found,
      changeSetNamed: ChangeSetName,
      changeSet: namedChangeSet(all, ChangeSetName),
    }
  }
  const id = arn.resource.split('/').at(-1) ?? ''
  const owner = await reads.stackOfPart(call.caller.account, 'change-set', id)
  const changeSet = owner === null ? null : await reads.stackPart(owner.id, 'change-set', id)
  return { named: StackName ?? ChangeSetName, stack: owner, changeSetNamed: ChangeSetName, changeSet }
}

/** The name of one that was executed can be given anew. */
function namedChangeSet(all: readonly ChangeSet[], sought: string): ChangeSet | null {
  const named = all.filter(({ name }) => name === sought)
  return named.find(({ execution }) => execution !== 'EXECUTED') ?? named[0] ?? null
}

/** @throws ChangeSetNotFound */
export function existingChangeSet(found: FoundChangeSet): { stack: Stack; changeSet: ChangeSet } {
  const { stack, changeSet, changeSetNamed } = found
  if (stack === null && found.named !== changeSetNamed) throw noSuchStack(found.named)
  if (stack === null || changeSet === null) {
    throw errors.ChangeSetNotFound(`ChangeSet [${changeSetNamed}] does not exist`)
  }
  return { stack, changeSet }
}
