import type { PolicyKind } from './document.ts'

/** What a kind of document may and must contain (AWS's element matrix). */
export interface KindRules {
  readonly principal: 'forbidden' | 'required' | 'everyone'
  readonly notPrincipal: boolean
  /** `inert`: may be missing, and the statement then matches nothing. */
  readonly action: 'required' | 'inert'
  readonly resource: 'required' | 'inert' | 'forbidden'
  readonly notAction: boolean
  /** Whether `Action: "*"` may stand. */
  readonly everyAction: boolean
  readonly allow: boolean
  /** Whether `Sid` must be alphanumeric, and unique in the document. */
  readonly strictSid: boolean
  /** Whether malformed numbers, dates, addresses, ARNs and base64 in conditions are refused. */
  readonly strictLiterals: boolean
  /** The only service whose actions may stand. */
  readonly onlyService?: string
  readonly federated: boolean
}

const IDENTITY: KindRules = {
  principal: 'forbidden',
  notPrincipal: false,
  action: 'required',
  resource: 'required',
  notAction: true,
  everyAction: true,
  allow: true,
  strictSid: true,
  strictLiterals: true,
  federated: false,
}

const RESOURCE: KindRules = { ...IDENTITY, principal: 'required', notPrincipal: true, strictSid: false }

/** The rules of each kind. */
export const KIND_RULES: Readonly<Record<PolicyKind, KindRules>> = {
  identity: IDENTITY,
  boundary: IDENTITY,
  // STS takes malformed literals in session policies; they never match.
  session: { ...IDENTITY, strictLiterals: false },
  key: { ...RESOURCE, action: 'inert', resource: 'inert' },
  vpce: RESOURCE,
  scp: IDENTITY,
  rcp: { ...IDENTITY, principal: 'everyone', notAction: false, everyAction: false, allow: false },
  trust: { ...RESOURCE, notPrincipal: false, resource: 'forbidden', onlyService: 'sts', federated: true },
}
