import Link from '@cloudscape-design/components/link'
import type { ReactNode } from 'react'
import { useGoTo, useRegion } from '../shell/place.ts'

interface PageLinkProps {
  /** A page of the Region, such as `keys/1234`. */
  readonly to: string
  /** Another Region than this one. */
  readonly region?: string
  readonly children: ReactNode
}

/** Leads to a page of the console. */
export function PageLink({ to, region, children }: PageLinkProps) {
  const here = useRegion()
  const goTo = useGoTo()
  const there = region ?? here
  return (
    <Link
      href={`/console/${there}/${to}`}
      onFollow={(event) => {
        event.preventDefault()
        goTo(to, there)
      }}
    >
      {children}
    </Link>
  )
}
