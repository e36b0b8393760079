import { parseArn, rootArn } from '../../domain/arn.ts'
import type { GrantPrincipal } from '../../domain/grant.ts'
import { roleArn, userArn } from '../../domain/identity-arn.ts'
import type { Region } from '../../domain/region.ts'
import { rootCaller, type Caller } from '../../kernel/identities/caller.ts'
import type { Identities } from '../../kernel/identities/identities.ts'
import type { Breadth } from '../../kernel/access/open-question.ts'
import type { KeyFacts } from '../../kernel/access/need.ts'
import { turn } from '../../kernel/turns.ts'
import { accountOf } from '../../policy/principal.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import type { RegionReads } from '../../storage/store.ts'

/** Somebody who may be let to use a key. */
export interface Subject {
  /** An ARN, the name of a service, or words for more than one. */
  readonly name: string
  readonly caller: Caller
  readonly breadth: Breadth
}

/** Where a listing of subjects goes on; null is the beginning. */
export type Cursor = { readonly source: number; readonly after: string | null } | null

/** A key in one Region, and where its grants are read. */
export interface PlacedKey<Facts extends KeyFacts = KeyFacts> {
  readonly region: Region
  readonly snapshot: Facts
  readonly reads: RegionReads
  /** Whether it has grants, where that was looked at. */
  readonly hasGrants?: boolean
}

const READ_AT_ONCE = 200

/** Those of one kind, by the name under which a listing goes on. */
type Source = (after: string | null) => AsyncIterable<readonly [string, Subject]>

/**
 * Everybody who may be let to use a key: its account's root user, users and roles; the accounts that its policies let
 * in, and who is there; whom policies and grants name elsewhere; services; and everybody, where a policy names `*`.
 *
 * Those that are gone are left out: there is nobody to ask for.
 *
 * @param from where a listing before ended
 * @param reader SECURITY: the account of the keys, where it asks: who of another account there is, and what that
 *   account lets them do, is not for it to know
 * @returns each with the place after it
 */
export async function* subjectsOf(
  related: readonly PlacedKey[],
  reads: GlobalReads,
  identities: Pick<Identities, 'callerNamed'>,
  from: Cursor,
  reader: string | null = null,
): AsyncGenerator<{ readonly subject: Subject; readonly next: Cursor }> {
  const sources = await sourcesOf(related, reads, identities, reader)
  for (const [source, list] of sources.entries()) {
    if (source < (from?.source ?? 0)) continue
    for await (const [name, subject] of list(from?.source === source ? from.after : null)) {
      yield { subject, next: { source, after: name } }
    }
  }
}

async function sourcesOf(
  related: readonly PlacedKey[],
  reads: GlobalReads,
  identities: Pick<Identities, 'callerNamed'>,
  reader: string | null,
): Promise<readonly Source[]> {
  const account = related[0]?.snapshot.record.account ?? ''
  const outside = await outsiders(related, account)
  // Whether they have enabled the Region, is for them to know.
  const regions = related.map(({ region }) => region)
  const stranger = (id: string): Caller => ({ ...rootCaller(id, 'none'), optedIn: regions })
  const ofAccount = (each: string): readonly Source[] => [
    listed([rootArn(each)], named(identities)),
    documents('user', each, reads, identities),
    documents('role', each, reads, identities),
  ]
  return [
    ...ofAccount(account),
    ...outside.accounts.flatMap((each) => [
      listed([each], (id) => ({
        name: `whoever account ${id} lets`,
        caller: stranger(id),
        breadth: 'account',
      })),
      ...(reader === null ? ofAccount(each) : []),
    ]),
    listed(outside.people, reader === null ? named(identities) : asSeenBy(reader, identities, regions)),
    listed(outside.services, (name) => ({ name, caller: serviceCaller(name), breadth: 'one' })),
    listed(outside.hasEverybody ? [EVERYBODY] : [], (name) => ({
      name,
      caller: stranger('an account of anybody'),
      breadth: 'everybody',
    })),
  ]
}

const EVERYBODY = 'everybody'

interface Outsiders {
  readonly accounts: readonly string[]
  readonly people: readonly string[]
  readonly services: readonly string[]
  readonly hasEverybody: boolean
}

/** Whom policies and grants name beside the users and roles of the key's own account. */
async function outsiders(related: readonly PlacedKey[], account: string): Promise<Outsiders> {
  const names = new Set<string>()
  const services = new Set<string>()
  for (const { snapshot, reads } of related) {
    for (const { principal } of snapshot.policy.document.statements) {
      for (const { type, value } of principal?.entries ?? []) (type === 'Service' ? services : names).add(value)
    }
    for await (const { kind, arn } of granteesOf(snapshot.record, reads))
      (kind === 'service' ? services : names).add(arn)
  }
  const people = [...names].filter((name) => name !== '*' && accountOf(name) === undefined)
  const accounts = [...names].flatMap((name) => accountOf(name) ?? [])
  return {
    accounts: [...new Set(accounts)].filter((each) => each !== account).toSorted(byText),
    people: people
      .filter((name) => !isOf(name, account) && !accounts.some((each) => isOf(name, each)))
      .toSorted(byText),
    services: [...services].toSorted(byText),
    hasEverybody: names.has('*'),
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Whether a user or role, but no session, is of an account: then it is listed there. */
function isOf(arn: string, account: string): boolean {
  const parsed = parseArn(arn)
  return parsed?.account === account && parsed.service === 'iam'
}

async function* granteesOf(
  { account, id }: { readonly account: string; readonly id: string },
  reads: RegionReads,
): AsyncGenerator<GrantPrincipal> {
  const page = { after: null as string | null, limit: READ_AT_ONCE }
  for (;;) {
    const found = await reads.grants(account, id, { id: null, grantee: null }, page)
    for (const { grantee } of found) yield grantee
    const last = found.at(-1)
    if (last === undefined || found.length < READ_AT_ONCE) return
    page.after = last.id
    await turn()
  }
}

function listed(names: readonly string[], of: (name: string) => Subject | null | Promise<Subject | null>): Source {
  return async function* (after) {
    for (const name of names.slice(after === null ? 0 : names.indexOf(after) + 1)) {
      const subject = await of(name)
      if (subject !== null) yield [name, subject]
    }
  }
}

function named(identities: Pick<Identities, 'callerNamed'>): (arn: string) => Promise<Subject | null> {
  return async (arn) => {
    const caller = await identities.callerNamed(arn)
    return caller === null ? null : { name: arn, caller, breadth: 'one' }
  }
}

/** Somebody of another account, as far as that account lets: its own policies are supposed to allow all. */
export function outsider({ arn, account, forms }: Caller, regions: readonly Region[]): Subject {
  return { name: arn, caller: { ...rootCaller(account, 'none'), arn, forms, optedIn: regions }, breadth: 'account' }
}

function asSeenBy(
  reader: string,
  identities: Pick<Identities, 'callerNamed'>,
  regions: readonly Region[],
): (arn: string) => Promise<Subject | null> {
  const of = named(identities)
  return async (arn) => {
    const subject = await of(arn)
    return subject === null || subject.caller.account === reader ? subject : outsider(subject.caller, regions)
  }
}

function documents(
  kind: 'user' | 'role',
  account: string,
  reads: GlobalReads,
  identities: Pick<Identities, 'callerNamed'>,
): Source {
  const of = named(identities)
  const arnOf = kind === 'user' ? userArn : roleArn
  return async function* (from) {
    let after = from
    for (;;) {
      const page = await reads.documents(kind, account, { after, limit: READ_AT_ONCE })
      for (const { name, content } of page) {
        const subject = await of(arnOf(account, content))
        if (subject !== null) yield [name, subject]
        after = name
      }
      if (page.length < READ_AT_ONCE) return
    }
  }
}

/** A service that acts as itself. */
function serviceCaller(name: string): Caller {
  const keys = { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': name }
  return { ...rootCaller('', 'none'), type: 'service', arn: name, forms: [{ kind: 'service', id: name }], keys }
}
