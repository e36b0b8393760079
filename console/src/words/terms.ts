/** AWS's names for what keys are. */
export const symmetric = 'Symmetric'
export const asymmetric = 'Asymmetric'

export const regionality = {
  single: 'Single-Region',
  PRIMARY: 'Multi-Region primary',
  REPLICA: 'Multi-Region replica',
  replicas: 'Replicas in',
} as const

export const states = {
  Enabled: 'Enabled',
  Disabled: 'Disabled',
  PendingDeletion: 'Pending deletion',
  PendingReplicaDeletion: 'Pending replica deletion',
  PendingImport: 'Pending import',
  Creating: 'Creating',
  Updating: 'Updating',
  Unavailable: 'Unavailable',
} as Readonly<Record<string, string>>

export const usages = {
  ENCRYPT_DECRYPT: 'Encrypt and decrypt',
  SIGN_VERIFY: 'Sign and verify',
  GENERATE_VERIFY_MAC: 'Generate and verify MAC',
  KEY_AGREEMENT: 'Key agreement',
  ENCAPSULATE_DECAPSULATE: 'Encapsulate and decapsulate',
} as Readonly<Record<string, string>>

export const origins = {
  AWS_KMS: 'KMS',
  EXTERNAL: 'External (Import key material)',
  AWS_CLOUDHSM: 'AWS CloudHSM key store',
  EXTERNAL_KEY_STORE: 'External key store',
} as Readonly<Record<string, string>>

export const rotationTypes = {
  AUTOMATIC: 'Automatic',
  ON_DEMAND: 'On-demand',
} as Readonly<Record<string, string>>
