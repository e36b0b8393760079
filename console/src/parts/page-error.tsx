import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { Component, type ReactNode } from 'react'
import { asApiError } from '../api/errors.ts'
import { words } from '../words/en.ts'

interface State {
  readonly error: unknown
}

/** Shows what a page has thrown, in its place. React has only classes for it. */
export class PageError extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null }

  static getDerivedStateFromError(error: unknown): State {
    return { error }
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    return (
      <Box padding="l">
        <Alert
          type="error"
          header={words.errors.broken}
          action={<Button onClick={() => window.location.reload()}>{words.errors.reload}</Button>}
        >
          {messageOf(asApiError(this.state.error))}
        </Alert>
      </Box>
    )
  }
}

/** What was not loaded says so in each browser's own words. */
const NOT_LOADED = /dynamically imported module|importing a module|preload CSS/i

function messageOf({ message }: Error): string {
  return NOT_LOADED.test(message) ? words.errors.notLoaded : message
}
