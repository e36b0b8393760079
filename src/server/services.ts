import type { ServiceEndpoint } from '../protocol/dispatch.ts'
import { accountOperations, accountRoutes, accountUnimplemented } from '../services/account/index.ts'
import { kmsOperations, kmsUnimplemented } from '../services/kms/index.ts'
import { organizationsOperations, organizationsUnimplemented } from '../services/organizations/index.ts'
import { stsOperations } from '../services/sts/index.ts'

/** Every service that is served, as its clients reach it. */
export const SERVICES: readonly ServiceEndpoint[] = [
  {
    protocol: 'aws-json',
    signingName: 'kms',
    eventSource: 'kms.amazonaws.com',
    scope: 'region',
    namespace: 'TrentService',
    operations: kmsOperations,
    unimplemented: kmsUnimplemented,
  },
  {
    protocol: 'aws-query',
    signingName: 'sts',
    eventSource: 'sts.amazonaws.com',
    scope: 'global',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: stsOperations,
    unimplemented: ['AssumeRole', 'GetSessionToken', 'GetFederationToken', 'GetAccessKeyInfo'],
  },
  {
    protocol: 'aws-json',
    signingName: 'organizations',
    eventSource: 'organizations.amazonaws.com',
    scope: 'global',
    namespace: 'AWSOrganizationsV20161128',
    errors: {
      message: 'Message',
      names: { KMSInternalException: 'ServiceException', ValidationException: 'InvalidInputException' },
    },
    operations: organizationsOperations,
    unimplemented: organizationsUnimplemented,
  },
  {
    protocol: 'aws-rest-json',
    signingName: 'account',
    eventSource: 'account.amazonaws.com',
    scope: 'global',
    routes: accountRoutes,
    errors: { message: 'message', names: { KMSInternalException: 'InternalServerException' } },
    operations: accountOperations,
    unimplemented: accountUnimplemented,
  },
]
