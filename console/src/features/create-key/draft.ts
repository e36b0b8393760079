import {
  consolePolicy,
  NOBODY,
  type PolicyChoices,
  type PolicyKey,
} from '../../../../src/domain/console-policy/console-policy.ts'
import {
  AWS_KEY_SPECS,
  isAsymmetric,
  KEY_SPECS,
  KEY_USAGES,
  usagesOf,
  type KeySpec,
  type KeyUsage,
} from '../../../../src/domain/key-spec.ts'
import { labelsInput, NO_LABELS, type Labels } from '../../parts/key-wizard/labels.ts'

/** A key that is not there yet. */
export interface Draft {
  readonly key: PolicyKey
  readonly labels: Labels
  readonly choices: PolicyChoices
  /** The policy as it was changed; null where it follows from the choices. */
  readonly policy: string | null
}

/** What is there before anything was chosen. */
export function firstDraft(multiRegion: boolean): Draft {
  return {
    key: { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', multiRegion },
    labels: NO_LABELS,
    choices: NOBODY,
    policy: null,
  }
}

/** The spec that is suggested for a usage of asymmetric keys, and for HMAC. */
const SUGGESTED: Readonly<Record<KeyUsage, KeySpec>> = {
  ENCRYPT_DECRYPT: 'RSA_4096',
  SIGN_VERIFY: 'ECC_NIST_P256',
  GENERATE_VERIFY_MAC: 'HMAC_256',
  KEY_AGREEMENT: 'ECC_NIST_P256',
  ENCAPSULATE_DECAPSULATE: 'ML_KEM_768',
}

/** What keys with a public half can be for, or those without. */
export function usagesOfType(asymmetric: boolean): readonly KeyUsage[] {
  return KEY_USAGES.filter((usage) => specsFor(asymmetric, usage).length > 0).toSorted(
    (one, other) => Number(other === 'ENCRYPT_DECRYPT') - Number(one === 'ENCRYPT_DECRYPT'),
  )
}

/** The specs of keys with a public half, or of those without, that can be for a usage. */
export function specsFor(asymmetric: boolean, usage: KeyUsage): readonly KeySpec[] {
  return AWS_KEY_SPECS.filter((spec) => isAsymmetric(spec) === asymmetric && usagesOf(spec).includes(usage))
}

/** The key with another type or usage, and a spec that fits. */
export function withUsage(key: PolicyKey, asymmetric: boolean, usage: KeyUsage): PolicyKey {
  const specs = specsFor(asymmetric, usage)
  const fitting = [SUGGESTED[usage], ...specs].find((spec) => specs.includes(spec)) ?? key.spec
  return withSpec({ ...key, usage }, fitting)
}

/** The key with another spec: one that cannot be imported is made by KMS. */
export function withSpec(key: PolicyKey, spec: KeySpec): PolicyKey {
  return { ...key, spec, origin: KEY_SPECS[spec].importable ? key.origin : 'AWS_KMS' }
}

/** The policy that follows from what was chosen. */
export function standardPolicy(account: string, { key, choices }: Draft): string {
  return consolePolicy(account, key, choices)
}

/** The draft as CreateKey takes it. */
export function createKeyInput(account: string, draft: Draft): object {
  const { spec, usage, origin, multiRegion } = draft.key
  return {
    Policy: draft.policy ?? standardPolicy(account, draft),
    KeySpec: spec,
    KeyUsage: usage,
    Origin: origin,
    MultiRegion: multiRegion,
    ...labelsInput(draft.labels),
  }
}
