import type { ResourceRequest } from './resource-type.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const SUFFIX_LENGTH = 12

/**
 * A name that nothing else has: the stack's name, the resource's, and twelve random letters and digits. The first two
 * are cut so that all has no more than `max` characters.
 */
export function generatedName(
  { stackName, logicalId }: Pick<ResourceRequest, 'stackName' | 'logicalId'>,
  random: (bytes: number) => Uint8Array,
  max: number,
): string {
  const room = max - SUFFIX_LENGTH - 2
  const half = Math.floor(room / 2)
  const stack = stackName.slice(0, Math.max(half, room - logicalId.length))
  return `${stack}-${logicalId.slice(0, room - stack.length)}-${suffix(random)}`
}

/** The id of a resource that is nothing but policies and memberships of others. */
export function generatedId({ stackName, logicalId }: ResourceNames, random: (bytes: number) => Uint8Array): string {
  return `${stackName.slice(0, 5)}-${logicalId.slice(0, 4)}-${suffix(random)}`
}

type ResourceNames = Pick<ResourceRequest, 'stackName' | 'logicalId'>

/** Of 256 values, those over the last whole 36 are drawn again, so that all letters are as likely. */
function suffix(random: (bytes: number) => Uint8Array): string {
  let text = ''
  while (text.length < SUFFIX_LENGTH) {
    for (const byte of random(SUFFIX_LENGTH)) {
      if (byte < 252 && text.length < SUFFIX_LENGTH) text += LETTERS[byte % LETTERS.length]
    }
  }
  return text
}
