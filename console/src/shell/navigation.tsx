import SideNavigation from '@cloudscape-design/components/side-navigation'
import { drillWords } from '../words/drills.ts'
import { words } from '../words/en.ts'
import { useGoTo, usePlace } from './place.ts'

const PAGES = [
  { path: 'keys', text: words.navigation.customerKeys },
  { path: 'aws-keys', text: words.navigation.awsKeys },
  { path: 'access', text: words.navigation.access },
  { path: 'events', text: words.navigation.audit },
  { path: 'drills', text: drillWords.title },
  { path: 'system', text: words.navigation.system },
] as const

/** The pages, one below the other. */
export function Navigation() {
  const { region, page } = usePlace()
  const goTo = useGoTo()
  const hrefOf = (path: string): string => `/console/${region}/${path}`
  const active = PAGES.find(({ path }) => page === path || page.startsWith(`${path}/`))
  return (
    <SideNavigation
      header={{ text: words.navigation.title, href: hrefOf('keys') }}
      activeHref={hrefOf(active?.path ?? '')}
      items={PAGES.map(({ path, text }) => ({ type: 'link', text, href: hrefOf(path) }))}
      onFollow={(event) => {
        event.preventDefault()
        goTo(event.detail.href.slice(hrefOf('').length))
      }}
    />
  )
}
