import type { ServiceEndpoint } from '../protocol/dispatch.ts'
import type { AccessQuestions } from '../services/keyspan/access-questions.ts'
import type { AuditProofs } from '../services/keyspan/audit-proofs.ts'
import type { Drills } from '../services/keyspan/drills.ts'
import type { SystemView } from '../services/keyspan/operations/describe-system.ts'
import type { ExplainRefusal } from '../services/keyspan/operations/explain-refusal.ts'
import type { CheckBucket } from '../services/cloudtrail/bucket-check.ts'
import type { LookUpEvents } from '../services/cloudtrail/event-lookup.ts'
import { cloudTrailQuota } from '../services/cloudtrail/request-quotas.ts'
import type { ReadDrift } from '../services/cloudformation/drift.ts'
import { kmsQuota } from '../services/kms/request-quotas.ts'
import { refuseIamSession } from '../services/iam/sessions.ts'
import { refuseStsSession } from '../services/sts/requirements.ts'
import { GLOBAL_EVENTS } from '../storage/event-index/event.ts'

/** The services that know nothing of this server, as their clients reach them. */
export const AWS_SERVICES: readonly ServiceEndpoint[] = [
  {
    protocol: 'aws-json',
    signingName: 'kms',
    eventSource: 'kms.amazonaws.com',
    scope: 'region',
    namespace: 'TrentService',
    async load() {
      const { kmsOperations, kmsUnimplemented } = await import('../services/kms/index.ts')
      return { operations: kmsOperations, unimplemented: kmsUnimplemented }
    },
    quotaOf: kmsQuota,
  },
  {
    protocol: 'aws-query',
    signingName: 'sts',
    eventSource: 'sts.amazonaws.com',
    scope: 'global',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    async load() {
      const { stsOperations, stsUnimplemented } = await import('../services/sts/index.ts')
      return { operations: stsOperations, unimplemented: stsUnimplemented }
    },
    refuse: refuseStsSession,
  },
  {
    protocol: 'aws-query',
    signingName: 'iam',
    eventSource: 'iam.amazonaws.com',
    scope: 'global',
    isOfNoRegion: true,
    recordedIn: GLOBAL_EVENTS,
    recordsSent: true,
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    async load() {
      const { iamOperations, iamUnimplemented } = await import('../services/iam/index.ts')
      return { operations: iamOperations, unimplemented: iamUnimplemented }
    },
    refuse: refuseIamSession,
  },
  {
    protocol: 'aws-json',
    signingName: 'organizations',
    eventSource: 'organizations.amazonaws.com',
    scope: 'global',
    isOfNoRegion: true,
    recordedIn: GLOBAL_EVENTS,
    recordsSent: true,
    namespace: 'AWSOrganizationsV20161128',
    errors: {
      message: 'Message',
      names: { KMSInternalException: 'ServiceException', ValidationException: 'InvalidInputException' },
    },
    async load() {
      const { organizationsOperations, organizationsUnimplemented } = await import('../services/organizations/index.ts')
      return { operations: organizationsOperations, unimplemented: organizationsUnimplemented }
    },
  },
  {
    protocol: 'aws-rest-json',
    signingName: 'account',
    eventSource: 'account.amazonaws.com',
    scope: 'global',
    isOfNoRegion: true,
    recordedIn: GLOBAL_EVENTS,
    recordsSent: true,
    errors: { message: 'message', names: { KMSInternalException: 'InternalServerException' } },
    async load() {
      const { accountOperations, accountUnimplemented, accountRoutes } = await import('../services/account/index.ts')
      return { operations: accountOperations, unimplemented: accountUnimplemented, routes: accountRoutes }
    },
  },
  {
    protocol: 'aws-rest-json',
    signingName: 'access-analyzer',
    eventSource: 'access-analyzer.amazonaws.com',
    scope: 'region',
    errors: { message: 'message', names: { KMSInternalException: 'InternalServerException' } },
    async load() {
      const analyzer = await import('../services/access-analyzer/index.ts')
      return {
        operations: analyzer.analyzerOperations,
        unimplemented: analyzer.analyzerUnimplemented,
        routes: analyzer.analyzerRoutes,
        inQuery: analyzer.analyzerQueries,
      }
    },
  },
]

/** What services ask of the server. */
export interface ServiceTools {
  readonly explain: ExplainRefusal
  readonly questions: AccessQuestions
  readonly readDrift: ReadDrift
  readonly lookUp: LookUpEvents
  readonly checkBucket: CheckBucket
  readonly system: SystemView
  readonly proofs: AuditProofs
  readonly drills: Drills
}

/**
 * Every service that is served: AWS's, and Keyspan's own.
 *
 * @param tools asked when a service is first used that needs some
 */
export function servicesOf(tools: () => ServiceTools): readonly ServiceEndpoint[] {
  return [
    ...AWS_SERVICES,
    {
      protocol: 'aws-query',
      signingName: 'cloudformation',
      eventSource: 'cloudformation.amazonaws.com',
      scope: 'region',
      namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
      async load() {
        const cloudFormation = await import('../services/cloudformation/index.ts')
        const { cloudFormationOperations, cloudFormationUnimplemented } = cloudFormation
        return { operations: cloudFormationOperations(tools().readDrift), unimplemented: cloudFormationUnimplemented }
      },
    },
    {
      protocol: 'aws-json',
      signingName: 'cloudtrail',
      eventSource: 'cloudtrail.amazonaws.com',
      scope: 'region',
      recordsSent: true,
      namespace: 'CloudTrail_20131101',
      errors: { message: 'message', names: { KMSInternalException: 'InternalFailure' } },
      async load() {
        const { lookUp, checkBucket } = tools()
        const { cloudTrailOperations, cloudTrailUnimplemented } = await import('../services/cloudtrail/index.ts')
        return { operations: cloudTrailOperations(lookUp, checkBucket), unimplemented: cloudTrailUnimplemented }
      },
      quotaOf: cloudTrailQuota,
    },
    {
      protocol: 'aws-rest-json',
      signingName: 'keyspan',
      eventSource: 'keyspan',
      scope: 'global',
      isOfNoRegion: true,
      errors: { message: 'message', names: {} },
      async load() {
        const { keyspanOperations, keyspanRoutes } = await import('../services/keyspan/index.ts')
        const { explain, questions, system, proofs, drills } = tools()
        const operations = keyspanOperations({ explain, questions, system, proofs, drills })
        return { operations, unimplemented: [], routes: keyspanRoutes }
      },
    },
  ]
}
