import type { Account } from './global-document.ts'

/** The name and the address of an account; one that was made without has some that nobody else can have. */
export function accountProfile(id: string, account: Account | null): { readonly name: string; readonly email: string } {
  return {
    name: account?.name ?? `Account ${id}`,
    // RFC 2606: a name under .invalid belongs to nobody.
    email: account?.email ?? `${id}@accounts.invalid`,
  }
}
