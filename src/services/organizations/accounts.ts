import { accountProfile } from '../../domain/account.ts'
import type { GlobalReads, NamedDocument } from '../../storage/global-store.ts'

const PAGE = 500

/** The account with that address, in whatever case; null where there is none. */
export async function accountByEmail(reads: GlobalReads, email: string): Promise<string | null> {
  const wanted = email.toLowerCase()
  let after: string | null = null
  for (;;) {
    const page: readonly NamedDocument<'account'>[] = await reads.documents('account', null, { after, limit: PAGE })
    const found = page.find(({ name, content }) => accountProfile(name, content).email.toLowerCase() === wanted)
    if (found !== undefined) return found.name
    after = page.at(-1)?.name ?? null
    if (page.length < PAGE) return null
  }
}
