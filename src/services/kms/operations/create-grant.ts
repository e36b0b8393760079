import { z } from 'zod'
import {
  GRANT_OPERATIONS,
  grantableOperations,
  isSameGrant,
  refuseGrant,
  type Delegation,
  type Grant,
  type GrantConstraints,
  type GrantRefusal,
} from '../../../domain/grant.ts'
import { isAsymmetric } from '../../../domain/key-spec.ts'
import type { KeyRecord } from '../../../domain/key.ts'
import { GRANT_CONSTRAINT_CHARACTERS, GRANT_CONSTRAINT_PAIRS, GRANTS_PER_KEY } from '../../../domain/limits.ts'
import { common } from '../../../kernel/errors.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { list, strictStructure } from '../../../kernel/parse.ts'
import type { GrantReads } from '../../../storage/store.ts'
import { grantConstraints, NOT_FOR_AWS_RESOURCE } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { findGrantPrincipal } from '../grants/grant-principal.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:CreateGrant'
const find = findKeyToManage(ACTION)

// Strict: a member that is not known may be a constraint, and a grant without it would give more than was asked for.
const input = z.strictObject({
  KeyId: shape.keyId,
  GranteePrincipal: shape.principalId,
  RetiringPrincipal: shape.principalId.optional(),
  Operations: list(z.enum(GRANT_OPERATIONS), shape.GRANT_OPERATIONS_AT_ONCE),
  Constraints: strictStructure({
    EncryptionContextEquals: shape.encryptionContext.optional(),
    EncryptionContextSubset: shape.encryptionContext.optional(),
  }).optional(),
  GrantTokens: shape.grantTokens.optional(),
  Name: shape.grantName.optional(),
  DryRun: z.boolean().optional(),
})
type Input = z.infer<typeof input>

/**
 * Gives a principal the permission to use a key, until it is retired or revoked. It counts from the answer on.
 *
 * Whoever may do this only by a grant gives away no more than that grant gives. With a name, asking again for the
 * same gives the same grant, and a new token.
 */
export const CreateGrant = writeOperation({
  name: 'CreateGrant',
  errors: [
    errors.DisabledException,
    errors.DryRunOperationException,
    errors.InvalidArnException,
    errors.InvalidGrantTokenException,
    errors.KMSInvalidStateException,
    errors.LimitExceededException,
    errors.NotFoundException,
  ],
  input,
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: (given, key, { region }) => [
    { ...need(ACTION, key, region, contextOf(given)), delegation: delegationOf(given) },
  ],
  async run(given, key, { caller, now, chosen }, { reads, writes, random, vault }) {
    const delegation = delegationOf(given)
    requireState('CreateGrant', key)
    requireFit(delegation, key.record)
    const { account, id: keyId } = key.record
    const asked = {
      account,
      keyId,
      grantee: await findGrantPrincipal(given.GranteePrincipal, 'GranteePrincipal', reads),
      retiring:
        given.RetiringPrincipal === undefined
          ? null
          : await findGrantPrincipal(given.RetiringPrincipal, 'RetiringPrincipal', reads),
      ...delegation,
      name: given.Name ?? null,
      issuingAccount: chosen?.issuingAccount ?? caller.account,
    }
    const known = await findSame(asked, writes)
    if (known === null && (await writes.countGrants(account, keyId)) >= GRANTS_PER_KEY) {
      throw errors.LimitExceededException(`${key.arn} has ${GRANTS_PER_KEY} grants already.`)
    }
    endDryRun(given.DryRun)
    const grant = known ?? { ...asked, id: chosen?.grantId ?? random(32).toString('hex'), createdAt: now }
    if (known === null) await writes.putGrant(grant)
    return { GrantToken: vault.grantTokens.seal({ account, keyId, grantId: grant.id }), GrantId: grant.id }
  },
  record: (given, key, answer) =>
    recordOf(given, [key], answer === null || key === null ? null : { GrantId: answer.GrantId, KeyId: key.arn }),
})

async function findSame(asked: Omit<Grant, 'id' | 'createdAt'>, reads: GrantReads): Promise<Grant | null> {
  if (asked.name === null) return null
  const namesakes = await reads.grantsNamed(asked.account, asked.keyId, asked.grantee.id, asked.name)
  return namesakes.find((grant) => isSameGrant(grant, asked)) ?? null
}

function contextOf(given: Input) {
  return {
    'kms:GrantOperations': given.Operations,
    'kms:GranteePrincipal': given.GranteePrincipal,
    ...(given.RetiringPrincipal !== undefined && { 'kms:RetiringPrincipal': given.RetiringPrincipal }),
    ...NOT_FOR_AWS_RESOURCE,
    ...grantConstraints(constraintsOf(given)),
  }
}

function delegationOf(given: Input): Delegation {
  return { operations: [...new Set(given.Operations)], constraints: constraintsOf(given) }
}

/** A map without pairs is no constraint: Terraform sends both maps, whichever is meant. */
function constraintsOf({ Constraints = {} }: Input): GrantConstraints | null {
  const given = (['EncryptionContextEquals', 'EncryptionContextSubset'] as const).flatMap((type) => {
    const pairs = Constraints[type] ?? {}
    return Object.keys(pairs).length > 0 ? [{ type, pairs }] : []
  })
  if (given.length <= 1) return given[0] ?? null
  throw common.ValidationException(
    'A grant has either EncryptionContextEquals or EncryptionContextSubset. Give one of them.',
  )
}

const refused: Readonly<Record<GrantRefusal, (key: KeyRecord, operations: Delegation['operations']) => string>> = {
  'no-operations': () => 'Operations is empty. Name at least one operation.',
  'only-create-grant': () => 'Grants must not contain only the CreateGrant operation.',
  'operation-not-of-key': (key, operations) => {
    const valid = grantableOperations(key)
    const others = operations.filter((operation) => !valid.includes(operation))
    const kind = isAsymmetric(key.spec) ? 'an asymmetric' : 'a symmetric'
    return (
      `Operations [${others.join(', ')}] are not supported when creating a grant for ${kind} KMS key with key usage ` +
      `${key.usage}. Valid operations are [${valid.join(', ')}].`
    )
  },
  'constraints-not-of-key': () =>
    'EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.',
  'too-many-pairs': () => `Constraints hold at most ${GRANT_CONSTRAINT_PAIRS} encryption context pairs.`,
  'value-too-long': () => `A value in Constraints has at most ${GRANT_CONSTRAINT_CHARACTERS} characters.`,
}

function requireFit(delegation: Delegation, key: KeyRecord): void {
  const refusal = refuseGrant(delegation, key)
  if (refusal !== null) throw common.ValidationException(refused[refusal](key, delegation.operations))
}
