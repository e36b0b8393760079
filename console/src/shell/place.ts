import { useLocation } from 'wouter'
import { navigate, useLocationProperty } from 'wouter/use-browser-location'
import { COMMERCIAL_REGIONS } from '../../../src/domain/region.ts'
import type { Asking } from '../api/client.ts'
import { useSession, type Session } from '../session/session.ts'

/** The Region where the address names none. */
const FIRST_REGION = 'us-east-1'

/** The Regions that can be chosen. */
export const REGIONS = COMMERCIAL_REGIONS

/** The Region and the page of the address: `/eu-west-1/keys/1234` is `keys/1234` in eu-west-1. */
export function usePlace(): { readonly region: string; readonly page: string } {
  const [path] = useLocation()
  const [, region = '', ...page] = path.split('/')
  return { region: REGIONS.includes(region) ? region : FIRST_REGION, page: page.join('/') }
}

/** The Region of the address. */
export function useRegion(): string {
  return usePlace().region
}

/** Who is signed in: pages are drawn only where somebody is. */
export function useSignedIn(): Session {
  const session = useSession()
  if (session === null) throw new Error('INVARIANT: a page is drawn only where somebody is signed in')
  return session
}

/** What a page asks as and where. */
export function useAsking(): Asking {
  const region = useRegion()
  return { credentials: useSignedIn().credentials, region }
}

/** Goes to a page of this Region, such as `keys`; or of another. */
export function useGoTo(): (page: string, region?: string) => void {
  const here = useRegion()
  const [, navigate] = useLocation()
  return (page, region = here) => navigate(`/${region}/${page}`)
}

/** The part of the wizard for keys in which a multi-Region key is chosen already. */
export const MULTI_REGION = 'multi-region'

/** The part of a page that is open, which the address names behind `#`: it stays when the page is loaded again, and has a way back. */
export function usePart(): readonly [string, (part: string) => void] {
  const part = useLocationProperty(() => window.location.hash.slice(1))
  return [part, (next) => navigate(`#${next}`)]
}
