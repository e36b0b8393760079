import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import { asApiError } from '../api/errors.ts'
import { useSession } from '../session/session.ts'
import { words } from '../words/en.ts'
import { PageLink } from './page-link.tsx'

/** Says what was refused, and why, as the server has said it. */
export function ErrorAlert({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const { code, message, explainId } = asApiError(error)
  const isSignedIn = useSession() !== null
  return (
    <Alert
      type="error"
      header={code === 'NetworkError' ? words.errors.network : words.errors.title(code)}
      action={again !== undefined && <Button onClick={again}>{words.errors.again}</Button>}
    >
      {message} {explainId !== null && isSignedIn && <PageLink to={`access/${explainId}`}>{words.errors.why}</PageLink>}
    </Alert>
  )
}
