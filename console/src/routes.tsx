import { lazy } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { NotFound } from './parts/not-found.tsx'
import { useRegion } from './shell/place.ts'

// Each page is loaded when it is first opened.
const KeysPage = lazy(async () => ({ default: (await import('./features/keys/keys-page.tsx')).KeysPage }))

const NamedKey = lazy(async () => ({ default: (await import('./features/key/named-key.tsx')).NamedKey }))

const AuditPage = lazy(async () => ({ default: (await import('./features/audit/audit-page.tsx')).AuditPage }))

const CreateKeyPage = lazy(async () => ({
  default: (await import('./features/create-key/create-key-page.tsx')).CreateKeyPage,
}))

const ReplicatePage = lazy(async () => ({
  default: (await import('./features/replicate-key/replicate-page.tsx')).ReplicatePage,
}))

const SystemPage = lazy(async () => ({ default: (await import('./features/system/system-page.tsx')).SystemPage }))

const DrillsPage = lazy(async () => ({ default: (await import('./features/drills/drills-page.tsx')).DrillsPage }))

const AccessPage = lazy(async () => ({ default: (await import('./features/access/access-page.tsx')).AccessPage }))

const RefusalPage = lazy(async () => ({ default: (await import('./features/access/refusal-page.tsx')).RefusalPage }))

/** Every page, by its address below `/console`; the first part is the Region. */
export function Pages() {
  const region = useRegion()
  return (
    <Switch>
      <Route path="/">
        <Redirect to={`/${region}/keys`} replace />
      </Route>
      <Route path="/:region">
        <Redirect to={`/${region}/keys`} replace />
      </Route>
      <Route path="/:region/keys">
        <KeysPage manager="CUSTOMER" />
      </Route>
      <Route path="/:region/keys/create">
        <CreateKeyPage />
      </Route>
      <Route path="/:region/keys/:keyId/replicate">{({ keyId }) => <ReplicatePage keyId={keyId} />}</Route>
      <Route path="/:region/keys/*">{({ '*': name }) => <NamedKey name={name} />}</Route>
      <Route path="/:region/aws-keys">
        <KeysPage manager="AWS" />
      </Route>
      <Route path="/:region/events">
        <AuditPage />
      </Route>
      <Route path="/:region/system">
        <SystemPage />
      </Route>
      <Route path="/:region/drills">
        <DrillsPage />
      </Route>
      <Route path="/:region/access">
        <AccessPage />
      </Route>
      <Route path="/:region/access/:requestId">{({ requestId }) => <RefusalPage requestId={requestId} />}</Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  )
}
