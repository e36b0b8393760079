import { permits, type EncryptionContext, type Grant, type GrantQuestion } from '../../domain/grant.ts'
import { quote } from '../../policy/explain/explanation.ts'
import type { Caller } from '../identities/caller.ts'
import { granteeForms, grantQuestionOf } from '../access/matching-grants.ts'
import type { KeyFacts, Need } from '../access/need.ts'
import { turn } from '../turns.ts'
import type { GrantRemedy, Remedy } from './explained.ts'

/** What a reader takes in of grants of which a key may have thousands. */
const SHOWN = 5

/** A grant to the caller that does not give a permission. */
interface Useless {
  readonly grant: Grant
  readonly on: KeyFacts
  /** Whether it would give it, were it on the key that is asked for. */
  readonly elsewhere: boolean
}

/** Grants that somebody may have counted on. */
export interface UselessGrants {
  /** For people: which grants there are, and why they do not count. */
  readonly notes: readonly string[]
  /** What would make up for them. */
  readonly remedies: readonly Remedy[]
}

/**
 * Looks for grants to a caller that do not give what is asked for: on the key itself, and on related keys, whose
 * grants never count for each other.
 */
export async function uselessGrants(need: Need, caller: Caller, related: readonly KeyFacts[]): Promise<UselessGrants> {
  const question = grantQuestionOf(need)
  const { on } = need
  if (question === null || typeof on === 'string' || !('record' in on)) return { notes: [], remedies: [] }
  const found: Useless[] = []
  for (const key of [on, ...related.filter(({ arn }) => arn !== on.arn)]) {
    for (const grant of await key.grantsOf(granteeForms(caller).map(({ id }) => id))) {
      const fits = permits(grant, question)
      if (fits && key.arn === on.arn) continue
      found.push({ grant, on: key, elsewhere: fits })
    }
    await turn()
  }
  const telling = found.toSorted((a, b) => Number(b.elsewhere) - Number(a.elsewhere)).slice(0, SHOWN)
  const notes = telling.map(({ grant, on: key, elsewhere }) => {
    const where = key.arn === on.arn ? 'on the key' : `on the related key in ${key.record.region}`
    const why = elsewhere ? 'counts there only, for no grant is copied' : misfit(grant, question)
    return `Grant ${short(grant.id)} to the caller ${where}: ${why}.`
  })
  const more = found.length - telling.length
  const [elsewhere] = telling.filter((each) => each.elsewhere)
  return {
    notes: more === 0 ? notes : [...notes, `There are ${more} more grants to the caller that do not give this.`],
    remedies:
      elsewhere === undefined
        ? telling.flatMap(({ grant, on: key }) => (key.arn === on.arn ? fitting(grant, question, on) : []))
        : [sameGrant(elsewhere.grant, question, on)],
  }
}

function misfit(grant: Grant, question: GrantQuestion): string {
  const { operation, encryptionContext } = question
  const { constraints } = grant
  if (isConstrained(grant, question) && constraints !== null) {
    const asked = pairsOf(encryptionContext)
    return `its ${constraints.type} ${pairsOf(constraints.pairs)} is not met, as the request has ${asked}`
  }
  if (operation === 'CreateGrant' && grant.operations.includes('CreateGrant')) {
    return 'it lets nobody give away more than it gives itself'
  }
  return `it permits ${grant.operations.join(', ')}, not ${operation}`
}

/** Whether a grant would give what is asked for but for its constraints. */
function isConstrained(grant: Grant, question: GrantQuestion): boolean {
  return grant.constraints !== null && permits({ ...grant, constraints: null }, question)
}

/** The encryption context that a grant is for, and a grant for the one that was asked for. */
function fitting(grant: Grant, question: GrantQuestion, on: KeyFacts): readonly Remedy[] {
  const { constraints } = grant
  if (constraints === null || !isConstrained(grant, question)) return []
  const pairs = Object.entries(constraints.pairs)
  const asks = pairs.slice(0, 1).map(([name, value]): Remedy => {
    const text = `Ask with the encryption context ${pairsOf(constraints.pairs)}, which grant ${short(grant.id)} is for.`
    const key = `kms:EncryptionContext:${name}`
    return { kind: 'request', text, key, operator: 'StringEquals', values: [value], holds: true }
  })
  const { encryptionContext } = question
  if (Object.keys(encryptionContext).length === 0) return asks
  const text = 'Create a grant for the encryption context of the request:'
  return [grantRemedy(text, grant, question, on, { EncryptionContextSubset: encryptionContext }), ...asks]
}

function sameGrant(grant: Grant, question: GrantQuestion, on: KeyFacts): Remedy {
  const { constraints } = grant
  const same = constraints === null ? null : { [constraints.type]: constraints.pairs }
  return grantRemedy(`Create the grant in ${on.record.region} too:`, grant, question, on, same)
}

function grantRemedy(
  text: string,
  { grantee }: Grant,
  { operation }: GrantQuestion,
  { arn, record }: KeyFacts,
  constraints: Readonly<Record<string, EncryptionContext>> | null,
): GrantRemedy {
  const grant = {
    KeyId: arn,
    GranteePrincipal: grantee.arn,
    Operations: [operation],
    ...(constraints !== null && { Constraints: constraints }),
  }
  const only = constraints === null ? '' : ` --constraints ${quoted(JSON.stringify(constraints))}`
  const command =
    `aws kms create-grant --region ${record.region} --key-id ${arn} --grantee-principal ${quoted(grantee.arn)} ` +
    `--operations ${operation}${only}`
  return { kind: 'grant', text, region: record.region, grant, command }
}

/** As a shell reads it back. */
function quoted(text: string): string {
  return /^[\w:/.@+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function pairsOf(pairs: EncryptionContext): string {
  const entries = Object.entries(pairs)
  return entries.length === 0 ? 'no encryption context' : quote(entries.map(([name, value]) => `${name}=${value}`))
}

function short(id: string): string {
  return `${id.slice(0, 12)}...`
}
