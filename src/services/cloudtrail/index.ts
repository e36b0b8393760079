import type { Operation } from '../../kernel/operation.ts'
import type { CheckBucket } from './bucket-check.ts'
import type { LookUpEvents } from './event-lookup.ts'
import { addTags } from './operations/add-tags.ts'
import { createTrail } from './operations/create-trail.ts'
import { deleteTrail } from './operations/delete-trail.ts'
import { describeTrails } from './operations/describe-trails.ts'
import { getEventSelectors } from './operations/get-event-selectors.ts'
import { getInsightSelectors } from './operations/get-insight-selectors.ts'
import { getTrail } from './operations/get-trail.ts'
import { getTrailStatus } from './operations/get-trail-status.ts'
import { listPublicKeys } from './operations/list-public-keys.ts'
import { listTags } from './operations/list-tags.ts'
import { listTrails } from './operations/list-trails.ts'
import { lookupEvents } from './operations/lookup-events.ts'
import { putEventSelectors } from './operations/put-event-selectors.ts'
import { removeTags } from './operations/remove-tags.ts'
import { startLogging } from './operations/start-logging.ts'
import { stopLogging } from './operations/stop-logging.ts'
import { updateTrail } from './operations/update-trail.ts'

/** Every operation of CloudTrail that this server does. */
export function cloudTrailOperations(lookUp: LookUpEvents, checkBucket: CheckBucket): readonly Operation[] {
  return [
    addTags,
    createTrail(checkBucket),
    deleteTrail,
    describeTrails,
    getEventSelectors,
    getInsightSelectors,
    getTrail,
    getTrailStatus,
    listPublicKeys,
    listTags,
    listTrails,
    lookupEvents(lookUp),
    putEventSelectors,
    removeTags,
    startLogging,
    stopLogging,
    updateTrail(checkBucket),
  ]
}

/** Operations that AWS has and this server does not do. */
export const cloudTrailUnimplemented: readonly string[] = [
  'CancelQuery',
  'CreateChannel',
  'CreateDashboard',
  'CreateEventDataStore',
  'DeleteChannel',
  'DeleteDashboard',
  'DeleteEventDataStore',
  'DeleteResourcePolicy',
  'DeregisterOrganizationDelegatedAdmin',
  'DescribeQuery',
  'DisableFederation',
  'EnableFederation',
  'GenerateQuery',
  'GetChannel',
  'GetDashboard',
  'GetEventConfiguration',
  'GetEventDataStore',
  'GetImport',
  'GetQueryResults',
  'GetResourcePolicy',
  'ListChannels',
  'ListDashboards',
  'ListEventDataStores',
  'ListImportFailures',
  'ListImports',
  'ListInsightsData',
  'ListInsightsMetricData',
  'ListQueries',
  'PutEventConfiguration',
  'PutInsightSelectors',
  'PutResourcePolicy',
  'RegisterOrganizationDelegatedAdmin',
  'RestoreEventDataStore',
  'SearchSampleQueries',
  'StartDashboardRefresh',
  'StartEventDataStoreIngestion',
  'StartImport',
  'StartQuery',
  'StopEventDataStoreIngestion',
  'StopImport',
  'UpdateChannel',
  'UpdateDashboard',
  'UpdateEventDataStore',
]
