import AppLayout from '@cloudscape-design/components/app-layout'
import { Suspense, useState } from 'react'
import { useLocation } from 'wouter'
import { PageError } from '../parts/page-error.tsx'
import { Pages } from '../routes.tsx'
import { useSession } from '../session/session.ts'
import { SignInPage } from '../session/sign-in-page.tsx'
import { words } from '../words/en.ts'
import { Header } from './header.tsx'
import { Navigation } from './navigation.tsx'
import { Notices } from './notices.tsx'

/**
 * What is around every page: the header, the navigation, and who is signed in.
 *
 * @param link the token of a link that signs in; null where the address had none
 */
export function Shell({ link }: { readonly link: string | null }) {
  const session = useSession()
  const [pathname] = useLocation()
  const [isOpen, setOpen] = useState(window.innerWidth > 912)
  if (session === null) return <SignInPage link={link} />
  return (
    <>
      <div id="header">
        <Header />
      </div>
      <AppLayout
        headerSelector="#header"
        toolsHide
        navigation={<Navigation />}
        navigationOpen={isOpen}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        ariaLabels={{
          navigation: words.navigation.label,
          navigationToggle: words.navigation.open,
          navigationClose: words.navigation.close,
        }}
        notifications={<Notices />}
        content={
          <PageError key={pathname}>
            <Suspense>
              <Pages />
            </Suspense>
          </PageError>
        }
      />
    </>
  )
}
