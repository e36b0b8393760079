import type { Region } from '../../domain/region.ts'
import { tokenOf, type Attribute } from './event.ts'

/** The tokens of an account's events in a Region. */
interface Tokens {
  /** Under which all of them stand. */
  readonly ofAll: number
  of(attribute: readonly [Attribute, string]): number
}

/** Most values come again and again: their tokens are kept, for so many accounts and values of each. */
const ACCOUNTS = 64
const VALUES = 4096

const known = new Map<string, Map<Region, Tokens>>()

/** The tokens of those events that an account has in a Region. */
export function tokensFor({ account, region }: { readonly account: string; readonly region: Region }): Tokens {
  let regions = known.get(account)
  if (regions === undefined) {
    if (known.size >= ACCOUNTS) known.clear()
    known.set(account, (regions = new Map()))
  }
  let tokens = regions.get(region)
  if (tokens === undefined) regions.set(region, (tokens = createTokens(account, region)))
  return tokens
}

function createTokens(account: string, region: Region): Tokens {
  const byName = new Map<Attribute, Map<string, number>>()
  return {
    ofAll: tokenOf({ account, region, attribute: null }),
    of(attribute) {
      const [name, value] = attribute
      // No event has the id of another.
      if (name === 'EventId') return tokenOf({ account, region, attribute })
      let values = byName.get(name)
      if (values === undefined) byName.set(name, (values = new Map()))
      let token = values.get(value)
      if (token === undefined) {
        if (values.size >= VALUES) values.clear()
        values.set(value, (token = tokenOf({ account, region, attribute })))
      }
      return token
    },
  }
}
