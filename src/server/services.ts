import type { ServiceEndpoint } from '../protocol/dispatch.ts'
import {
  analyzerOperations,
  analyzerQueries,
  analyzerRoutes,
  analyzerUnimplemented,
} from '../services/access-analyzer/index.ts'
import { accountOperations, accountRoutes, accountUnimplemented } from '../services/account/index.ts'
import { keyspanOperations } from '../services/keyspan/index.ts'
import type { ExplainRefusal } from '../services/keyspan/operations/explain-refusal.ts'
import { cloudFormationOperations } from '../services/cloudformation/index.ts'
import type { ReadDrift } from '../services/cloudformation/drift.ts'
import { cloudFormationUnimplemented } from '../services/cloudformation/unimplemented.ts'
import { kmsOperations, kmsUnimplemented } from '../services/kms/index.ts'
import { kmsQuota } from '../services/kms/request-quotas.ts'
import { organizationsOperations, organizationsUnimplemented } from '../services/organizations/index.ts'
import { iamOperations } from '../services/iam/index.ts'
import { refuseIamSession } from '../services/iam/sessions.ts'
import { iamUnimplemented } from '../services/iam/unimplemented.ts'
import { stsOperations, stsUnimplemented } from '../services/sts/index.ts'
import { refuseStsSession } from '../services/sts/requirements.ts'

/** The services that know nothing of this server, as their clients reach them. */
export const AWS_SERVICES: readonly ServiceEndpoint[] = [
  {
    protocol: 'aws-json',
    signingName: 'kms',
    eventSource: 'kms.amazonaws.com',
    scope: 'region',
    namespace: 'TrentService',
    operations: kmsOperations,
    unimplemented: kmsUnimplemented,
    quotaOf: kmsQuota,
  },
  {
    protocol: 'aws-query',
    signingName: 'sts',
    eventSource: 'sts.amazonaws.com',
    scope: 'global',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: stsOperations,
    unimplemented: stsUnimplemented,
    refuse: refuseStsSession,
  },
  {
    protocol: 'aws-query',
    signingName: 'iam',
    eventSource: 'iam.amazonaws.com',
    scope: 'global',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: iamOperations,
    unimplemented: iamUnimplemented,
    refuse: refuseIamSession,
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
  {
    protocol: 'aws-rest-json',
    signingName: 'access-analyzer',
    eventSource: 'access-analyzer.amazonaws.com',
    scope: 'region',
    routes: analyzerRoutes,
    inQuery: analyzerQueries,
    errors: { message: 'message', names: { KMSInternalException: 'InternalServerException' } },
    operations: analyzerOperations,
    unimplemented: analyzerUnimplemented,
  },
]

/** Every service that is served: AWS's, and Keyspan's own. */
export function servicesOf(explain: ExplainRefusal, readDrift: ReadDrift): readonly ServiceEndpoint[] {
  return [
    ...AWS_SERVICES,
    {
      protocol: 'aws-query',
      signingName: 'cloudformation',
      eventSource: 'cloudformation.amazonaws.com',
      scope: 'region',
      namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
      operations: cloudFormationOperations(readDrift),
      unimplemented: cloudFormationUnimplemented,
    },
    {
      protocol: 'aws-rest-json',
      signingName: 'keyspan',
      eventSource: 'keyspan',
      scope: 'global',
      routes: { 'POST /explain': 'ExplainRefusal' },
      errors: { message: 'message', names: {} },
      operations: keyspanOperations(explain),
      unimplemented: [],
    },
  ]
}
