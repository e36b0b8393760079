import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { setSession } from '../session/session.ts'
import { SwitchRole } from '../session/switch-role.tsx'
import { useSystem } from '../parts/use-system.ts'
import { words } from '../words/en.ts'
import { regionName } from '../words/regions.ts'
import { useAppearance, type Appearance } from './appearance.ts'
import { REGIONS, useGoTo, usePlace, useSignedIn } from './place.ts'

/** Who is signed in, and where. */
export function Header() {
  const [isSwitching, setSwitching] = useState(false)
  const goTo = useGoTo()
  const account = useAccountMenu(() => setSwitching(true))
  const utilities = [useAppearanceMenu(), useRegionMenu(), account]
  return (
    <>
      <TopNavigation
        identity={{
          title: words.product,
          href: '/console/',
          logo: { src: '/console/icon.svg', alt: '' },
          onFollow: (event) => {
            event.preventDefault()
            goTo('keys')
          },
        }}
        utilities={utilities}
        i18nStrings={{ overflowMenuTriggerText: words.header.menu, overflowMenuTitleText: words.header.menu }}
      />
      {isSwitching && <SwitchRole onDone={() => setSwitching(false)} />}
    </>
  )
}

function useRegionMenu(): TopNavigationProps.Utility {
  const { region, page } = usePlace()
  const goTo = useGoTo()
  // Whoever may not ask is shown all that there are.
  const { data } = useSystem()
  return {
    type: 'menu-dropdown',
    text: region,
    ariaLabel: `${words.header.region}: ${region}`,
    items: (data?.Regions ?? REGIONS).map((id) => ({
      id,
      text: regionName(id),
      labelTag: id,
      disabled: id === region,
    })),
    // A key is of one Region: in another one there is the list.
    onItemClick: ({ detail }) => goTo(page.split('/')[0] ?? '', detail.id),
  }
}

function useAppearanceMenu(): TopNavigationProps.Utility {
  const [appearance, setAppearance] = useAppearance()
  const choices: readonly Appearance[] = ['system', 'light', 'dark']
  return {
    type: 'menu-dropdown',
    iconName: 'settings',
    ariaLabel: words.header.appearance,
    title: words.header.appearance,
    items: choices.map((id) => ({
      id,
      text: words.header[id],
      itemType: 'checkbox' as const,
      checked: id === appearance,
    })),
    onItemClick: ({ detail }) => setAppearance(detail.id as Appearance),
  }
}

function useAccountMenu(onSwitch: () => void): TopNavigationProps.Utility {
  const session = useSignedIn()
  const queries = useQueryClient()
  const change = (next: typeof session | null): void => {
    queries.clear()
    setSession(next)
  }
  return {
    type: 'menu-dropdown',
    iconName: 'user-profile',
    text: `${nameOf(session.arn)} @ ${session.account}`,
    description: session.arn,
    title: `${words.header.account} ${session.account}`,
    items: [
      { id: 'switch', text: words.header.switchRole },
      ...(session.before === null ? [] : [{ id: 'back', text: words.header.switchBack }]),
      { id: 'out', text: words.header.signOut },
    ],
    onItemClick: ({ detail }) => {
      if (detail.id === 'switch') onSwitch()
      else if (detail.id === 'back') change(session.before)
      else change(null)
    },
  }
}

function nameOf(arn: string): string {
  return arn.replace(/^arn:aws:(?:iam|sts)::\d+:(?:user\/|assumed-role\/)?/, '')
}
