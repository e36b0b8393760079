import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group'
import { useGoTo, useRegion } from '../shell/place.ts'
import { words } from '../words/en.ts'

interface PathProps {
  /** The page above, such as `keys`, and what it is called. */
  readonly to: string
  readonly title: string
  /** What this page is of. */
  readonly here: string
}

/** Where a page stands, and the way back. */
export function Path({ to, title, here }: PathProps) {
  const region = useRegion()
  const goTo = useGoTo()
  return (
    <BreadcrumbGroup
      ariaLabel={words.key.path}
      items={[
        { text: title, href: `/console/${region}/${to}` },
        { text: here, href: '#' },
      ]}
      onFollow={(event) => {
        event.preventDefault()
        if (event.detail.href !== '#') goTo(to)
      }}
    />
  )
}
