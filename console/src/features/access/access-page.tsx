import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { words } from '../../words/en.ts'
import { Refusals } from './refusals.tsx'
import { Simulate } from './simulate.tsx'

/** What was refused in this Region, and what would be. */
export function AccessPage() {
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={words.access.about}>
          {words.access.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Refusals />
        <Simulate />
      </SpaceBetween>
    </ContentLayout>
  )
}
