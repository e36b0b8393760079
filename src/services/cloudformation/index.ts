import type { Operation } from '../../kernel/operation.ts'
import type { ReadDrift } from './drift.ts'
import { CancelUpdateStack } from './operations/cancel-update-stack.ts'
import { ContinueUpdateRollback } from './operations/continue-update-rollback.ts'
import { CreateChangeSet } from './operations/create-change-set.ts'
import { CreateStack } from './operations/create-stack.ts'
import { DeleteChangeSet } from './operations/delete-change-set.ts'
import { DeleteStack } from './operations/delete-stack.ts'
import { DescribeChangeSet } from './operations/describe-change-set.ts'
import { DescribeStackDriftDetectionStatus } from './operations/describe-stack-drift-detection-status.ts'
import { DescribeStackEvents } from './operations/describe-stack-events.ts'
import { DescribeStackResource } from './operations/describe-stack-resource.ts'
import { DescribeStackResourceDrifts } from './operations/describe-stack-resource-drifts.ts'
import { DescribeStackResources } from './operations/describe-stack-resources.ts'
import { DescribeStacks } from './operations/describe-stacks.ts'
import { detectStackDrift } from './operations/detect-stack-drift.ts'
import { detectStackResourceDrift } from './operations/detect-stack-resource-drift.ts'
import { ExecuteChangeSet } from './operations/execute-change-set.ts'
import { GetStackPolicy } from './operations/get-stack-policy.ts'
import { GetTemplate } from './operations/get-template.ts'
import { GetTemplateSummary } from './operations/get-template-summary.ts'
import { ListChangeSets } from './operations/list-change-sets.ts'
import { ListExports } from './operations/list-exports.ts'
import { ListImports } from './operations/list-imports.ts'
import { ListStackResources } from './operations/list-stack-resources.ts'
import { ListStacks } from './operations/list-stacks.ts'
import { RollbackStack } from './operations/rollback-stack.ts'
import { SetStackPolicy } from './operations/set-stack-policy.ts'
import { UpdateStack } from './operations/update-stack.ts'
import { UpdateTerminationProtection } from './operations/update-termination-protection.ts'
import { ValidateTemplate } from './operations/validate-template.ts'

/** Every operation of CloudFormation that this server does. */
export function cloudFormationOperations(readDrift: ReadDrift): readonly Operation[] {
  return [
    CancelUpdateStack,
    ContinueUpdateRollback,
    CreateChangeSet,
    CreateStack,
    DeleteChangeSet,
    DeleteStack,
    DescribeChangeSet,
    DescribeStackDriftDetectionStatus,
    DescribeStackEvents,
    DescribeStackResource,
    DescribeStackResourceDrifts,
    DescribeStackResources,
    DescribeStacks,
    detectStackDrift(readDrift),
    detectStackResourceDrift(readDrift),
    ExecuteChangeSet,
    GetStackPolicy,
    GetTemplate,
    GetTemplateSummary,
    ListChangeSets,
    ListExports,
    ListImports,
    ListStackResources,
    ListStacks,
    RollbackStack,
    SetStackPolicy,
    UpdateStack,
    UpdateTerminationProtection,
    ValidateTemplate,
  ]
}

export { cloudFormationUnimplemented } from './unimplemented.ts'
