import type { Layer } from '../../policy/authorize.ts'
import type { Decision } from '../../policy/authorize.ts'
import type { Answered } from '../../protocol/dispatch.ts'
import { createCounter, createHistogram, type Family } from './families.ts'

/** In seconds: most requests take less than a millisecond, and those that make RSA keys some seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** What stands for what a request does not say, or says and there is not: the values of labels stay few. */
const NONE = 'none'

const LAYER_LABELS: Readonly<Record<Layer, string>> = {
  identity: 'identity_policy',
  boundary: 'permissions_boundary',
  session: 'session_policy',
  scp: 'service_control_policy',
  rcp: 'resource_control_policy',
  vpce: 'vpc_endpoint_policy',
  resource: 'resource_policy',
}

/** Counts what requests do. Each costs a few hundred nanoseconds and no look at anything. */
export interface RequestCounts {
  readonly answered: (answered: Answered) => void
  readonly decided: (decision: Decision) => void
  families(): readonly Family[]
}

/** Counts that begin at zero. */
export function createRequestCounts(): RequestCounts {
  const requests = createCounter(
    'keyspan_requests_total',
    'Requests that were answered: done, refused (the client can mend it) or failed (it cannot).',
    ['service', 'operation', 'region', 'result', 'code'],
  )
  const seconds = createHistogram(
    'keyspan_request_duration_seconds',
    'From a whole request to its answer.',
    ['service', 'operation'],
    BOUNDS,
  )
  const decisions = createCounter(
    'keyspan_authorization_decisions_total',
    'Permissions that were asked for, by the outcome and by the layer of policies that has decided it.',
    ['outcome', 'layer'],
  )
  return {
    answered({ service, operation, region, error, ms }) {
      const about = { service: service ?? NONE, operation: operation ?? NONE }
      const result = error === null ? 'done' : error.status < 500 ? 'refused' : 'failed'
      requests.add({ ...about, region: region ?? NONE, result, code: error?.code ?? NONE })
      seconds.observe(about, ms / 1000)
    },
    decided(decision) {
      if (decision.allowed) decisions.add({ outcome: 'allowed', layer: NONE })
      else decisions.add(deniedLabels(decision.reason))
    },
    families: () => [requests.family(), seconds.family(), decisions.family()],
  }
}

function deniedLabels({ kind, layer, notCrossAccount, notEnabledIn }: Denied): { outcome: string; layer: string } {
  if (notEnabledIn !== undefined) return { outcome: 'region_not_enabled', layer: NONE }
  if (notCrossAccount === true) return { outcome: 'never_across_accounts', layer: NONE }
  return { outcome: kind === 'explicit-deny' ? 'explicit_deny' : 'implicit_deny', layer: LAYER_LABELS[layer] }
}

type Denied = Extract<Decision, { readonly allowed: false }>['reason']
