import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Form from '@cloudscape-design/components/form'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { ErrorAlert } from '../parts/error-alert.tsx'
import { useRegion } from '../shell/place.ts'
import { words } from '../words/en.ts'
import { useIsOver } from './session.ts'
import { signIn, signInByLink } from './sign-in.ts'

const EMPTY = { accessKeyId: '', secretAccessKey: '', sessionToken: '' }

/** Where an access key is given. */
export function SignInPage({ link }: { readonly link: string | null }) {
  const region = useRegion()
  const [given, setGiven] = useState(EMPTY)
  const [error, setError] = useState<unknown>(null)
  const [isMissing, setMissing] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const text = words.signIn
  useLink(link, region, setError)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const { sessionToken, ...key } = mapped(given)
    const isIncomplete = key.accessKeyId === '' || key.secretAccessKey === ''
    setMissing(isIncomplete)
    if (isIncomplete) return
    setBusy(true)
    setError(null)
    try {
      await signIn(sessionToken === '' ? key : { ...key, sessionToken }, region)
    } catch (caught) {
      setError(caught)
      setBusy(false)
    }
  }
  const field = (name: keyof typeof EMPTY) => ({
    value: given[name],
    onChange: ({ detail }: { detail: { value: string } }) => setGiven((all) => ({ ...all, [name]: detail.value })),
  })

  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <Form
          header={
            <Header variant="h1" description={text.intro}>
              {`${words.product} · ${text.title}`}
            </Header>
          }
          actions={
            <Button variant="primary" loading={isBusy} formAction="submit">
              {text.submit}
            </Button>
          }
        >
          <SpaceBetween size="l">
            <Notice error={error} />
            <Container>
              <SpaceBetween size="l">
                <FormField label={text.accessKeyId} errorText={isMissing ? text.missing : null}>
                  <Input {...field('accessKeyId')} autoComplete="username" spellcheck={false} autoFocus />
                </FormField>
                <FormField label={text.secretAccessKey}>
                  <Input {...field('secretAccessKey')} type="password" autoComplete="off" />
                </FormField>
                <FormField
                  label={
                    <>
                      {text.sessionToken} <Box variant="span" color="text-body-secondary">{`- ${text.optional}`}</Box>
                    </>
                  }
                  description={text.sessionTokenHint}
                >
                  <Input {...field('sessionToken')} type="password" autoComplete="off" />
                </FormField>
              </SpaceBetween>
            </Container>
          </SpaceBetween>
        </Form>
      </form>
    </main>
  )
}

/** What was refused; or that the session is over. */
function Notice({ error }: { readonly error: unknown }) {
  const isOver = useIsOver()
  if (error !== null) return <ErrorAlert error={error} />
  return isOver && <Alert type="info">{words.signIn.over}</Alert>
}

/** Signs in by a link, once. */
function useLink(link: string | null, region: string, onError: (error: unknown) => void): void {
  const isUsed = useRef(false)
  useEffect(() => {
    if (link === null || isUsed.current) return
    isUsed.current = true
    signInByLink(link, region).catch(onError)
  }, [link, region, onError])
}

/** Without the space around it that copying brings along. */
function mapped(given: typeof EMPTY): typeof EMPTY {
  return {
    accessKeyId: given.accessKeyId.trim(),
    secretAccessKey: given.secretAccessKey.trim(),
    sessionToken: given.sessionToken.trim(),
  }
}
