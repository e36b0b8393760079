import type { Operation } from '../../kernel/operation.ts'
import { AssumeRole } from './operations/assume-role.ts'
import { GetAccessKeyInfo } from './operations/get-access-key-info.ts'
import { GetCallerIdentity } from './operations/get-caller-identity.ts'
import { GetFederationToken } from './operations/get-federation-token.ts'
import { GetSessionToken } from './operations/get-session-token.ts'

/** Every operation of STS that this server does. */
export const stsOperations: readonly Operation[] = [
  AssumeRole,
  GetAccessKeyInfo,
  GetCallerIdentity,
  GetFederationToken,
  GetSessionToken,
]

/** Operations that AWS STS has and this server answers with UnsupportedOperation. */
export const stsUnimplemented: readonly string[] = [
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRoot',
  'DecodeAuthorizationMessage',
  'GetDelegatedAccessToken',
  'GetWebIdentityToken',
]
