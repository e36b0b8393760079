import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import { asApiError } from '../api/errors.ts'
import { words } from '../words/en.ts'

/** Says what was refused, and why, as the server has said it. */
export function ErrorAlert({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const { code, message } = asApiError(error)
  return (
    <Alert
      type="error"
      header={code === 'NetworkError' ? words.errors.network : words.errors.title(code)}
      action={again !== undefined && <Button onClick={again}>{words.errors.again}</Button>}
    >
      {message}
    </Alert>
  )
}
