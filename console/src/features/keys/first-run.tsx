import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { MULTI_REGION, useGoTo } from '../../shell/place.ts'
import { words } from '../../words/en.ts'

const text = words.firstRun

/** What leads to the first multi-Region key, where there is none yet. */
export function FirstRun() {
  const goTo = useGoTo()
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={text.about}
          actions={
            <Button variant="primary" onClick={() => goTo(`keys/create#${MULTI_REGION}`)}>
              {text.begin}
            </Button>
          }
        >
          {text.title}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {text.steps.map((step, index) => (
          <Box key={step}>{`${index + 1}. ${step}`}</Box>
        ))}
      </SpaceBetween>
    </Container>
  )
}
