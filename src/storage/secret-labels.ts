/** What each kind of secret that rests in a database is wrapped as. */
export const SECRET = {
  /** Of an access key, under its id. */
  accessKey: 'kms/access-key/v1',
  /** By which an audit log is vouched for, under the name of its public key. */
  auditKey: 'kms/audit-key/v1',
  /** By which digests of trails are signed, under its fingerprint. */
  digestKey: 'kms/trail-digest-key/v1',
  /** By which a Region signs, under its fingerprint. */
  identity: 'kms/rsk/v1',
  /** By which imported material was wrapped, under the id of its job. */
  importKey: 'kms/import-key/v1',
} as const
