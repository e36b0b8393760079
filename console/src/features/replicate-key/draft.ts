import {
  consolePolicy,
  type PolicyChoices,
  type PolicyKey,
} from '../../../../src/domain/console-policy/console-policy.ts'
import type { KeySpec, KeyUsage } from '../../../../src/domain/key-spec.ts'
import { readConsolePolicy } from '../../../../src/domain/console-policy/read-console-policy.ts'
import type { KeyMetadata } from '../../api/kms.ts'
import { labelsInput, NO_LABELS, type Labels } from '../../parts/key-wizard/labels.ts'

/** What is replicated: a primary, and its policy. */
export interface Primary {
  readonly key: KeyMetadata
  readonly policy: string
}

/** Replicas that are not there yet. */
export interface Draft {
  readonly regions: readonly string[]
  readonly labels: Labels
  /** Who may do what; null where the primary's policy is not as the console writes it. */
  readonly choices: PolicyChoices | null
  /** The policy as it was changed; null where it follows from the rest. */
  readonly policy: string | null
}

/** What is there before anything was chosen: as the primary is. */
export function firstDraft({ key, policy }: Primary): Draft {
  const choices = readConsolePolicy(key.AWSAccountId, policyKey(key), policy)
  return { regions: [], labels: { ...NO_LABELS, description: key.Description }, choices, policy: null }
}

/** The policy that follows from what was chosen, or that of the primary. */
export function standardPolicy({ key, policy }: Primary, { choices }: Draft): string {
  return choices === null ? policy : consolePolicy(key.AWSAccountId, policyKey(key), choices)
}

/** The replica in a Region as ReplicateKey takes it. */
export function replicateInput(primary: Primary, draft: Draft, region: string): object {
  return {
    KeyId: primary.key.KeyId,
    ReplicaRegion: region,
    Policy: draft.policy ?? standardPolicy(primary, draft),
    ...labelsInput(draft.labels),
  }
}

function policyKey({ KeySpec: spec, KeyUsage: usage, Origin, MultiRegion: multiRegion }: KeyMetadata): PolicyKey {
  const origin = Origin === 'EXTERNAL' ? 'EXTERNAL' : 'AWS_KMS'
  return { spec: spec as KeySpec, usage: usage as KeyUsage, origin, multiRegion }
}
