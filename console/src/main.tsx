import '@cloudscape-design/global-styles/index.css'
import './page.css'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { ApiError } from './api/errors.ts'
import { noteError, takeLink } from './session/sign-in.ts'
import { followAppearance } from './shell/appearance.ts'
import { Shell } from './shell/shell.tsx'

followAppearance()
// Taken before anything is drawn: the address is in the history of the browser.
const link = takeLink()

/** What was refused is refused again: only what had no answer is asked again. */
const queries = new QueryClient({
  queryCache: new QueryCache({
    onError(error, { queryKey: [what] }) {
      noteError(error)
      // A drill may be why there is no answer: then that is told.
      if (!(error instanceof ApiError) && what !== 'system') void queries.invalidateQueries({ queryKey: ['system'] })
    },
  }),
  mutationCache: new MutationCache({ onError: noteError }),
  defaultOptions: {
    queries: { retry: (count, error) => !(error instanceof ApiError) && count < 2, staleTime: 5000 },
  },
})

const root = document.querySelector('#root')
if (root === null) throw new Error('The page has no root.')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Router base="/console">
        <Shell link={link} />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
)
