/** How a setting is given, and what it means. */
export interface Setting {
  readonly name: string
  readonly flag: string
  readonly env: string
  readonly standard: string
  readonly meaning: string
}

/** THE table of settings. `docs/guide/configuration.md` shows it to the reader. */
export const SETTINGS = [
  setting('config', '<file>', '', 'A JSON file with any of the settings below, each under its own name'),
  setting('data', '<dir>', 'keyspan-data', 'The directory of keys, accounts and the audit log'),
  setting(
    'database',
    '<url>',
    '',
    'A database of PostgreSQL for keys and accounts, such as `postgres://keyspan@db.example.com/keyspan`; files in the data ' +
      'directory where none is named',
  ),
  setting(
    'database-password-file',
    '<file>',
    '',
    'A file with the password for it; PGPASSWORD, or the file that PGPASSFILE names, where none is given',
  ),
  setting(
    'node-address',
    '<host:port>',
    '',
    'Where other processes that serve the same database reach this one: with it they serve together, without it one ' +
      'serves and others stand by',
  ),
  setting(
    'root-key',
    '<file>',
    '',
    'The file of the root key, apart from the data; `root.key` in it where none is named',
  ),
  setting(
    'root-key-provider',
    '<kind>',
    '',
    'What holds the root key: `file`, `passphrase`, `aws-kms` or `pkcs11`; what the data says where none is named, `file` for new data',
  ),
  setting(
    'passphrase-file',
    '<file>',
    '',
    'For `passphrase`, a file with it; without one the server starts sealed and waits for `keyspan unseal`',
  ),
  setting('root-kms-key', '<key>', '', 'For `aws-kms`, the key in AWS KMS or another Keyspan: its id, ARN or alias'),
  setting('root-kms-endpoint', '<url>', '', 'For `aws-kms`, where that key is; that of AWS where none is named'),
  setting(
    'root-kms-credentials',
    '<file>',
    '',
    'For `aws-kms`, a file of credentials in the format of AWS; AWS_ACCESS_KEY_ID and its like where none is named',
  ),
  setting('root-hsm-module', '<file>', '', 'For `pkcs11`, the PKCS#11 library of the maker of the HSM'),
  setting('root-hsm-token', '<label>', '', 'For `pkcs11`, the label of the token'),
  setting(
    'root-hsm-key',
    '<label>',
    '',
    'For `pkcs11`, the label of the key that is taken, or made where there is none',
  ),
  setting(
    'root-hsm-pin-file',
    '<file>',
    '',
    'For `pkcs11`, a file with the PIN; without one the server starts sealed and waits for `keyspan unseal`',
  ),
  setting('port', '<number>', '7700', 'The port; 0 takes a free one'),
  setting('host', '<address>', '127.0.0.1', 'The address to listen on'),
  setting(
    'regions',
    '<list>',
    '',
    'The only Regions to serve, with commas between them; every commercial one where none is named',
  ),
  setting(
    'peer',
    '<region=url...>',
    '',
    'Regions that other servers serve, each with the address at which that server listens for peers',
  ),
  setting('peer-port', '<number>', '', 'Listens for the Regions of other servers on this port; 0 takes a free one'),
  setting('peer-host', '<address>', '127.0.0.1', 'The address to listen for them on'),
  setting(
    'accounts-stale',
    '<seconds>',
    '3600',
    'How long a server whose accounts are a copy goes on without their home; then it refuses. `never` goes on for ever',
  ),
  setting(
    'console',
    '<mode>',
    '',
    'The console below `/console`: `on` or `off`; on where only this machine can reach the server',
  ),
  setting(
    'dev',
    '',
    'false',
    'Development mode: the clock can be moved (`keyspan clock`), and Regions taken apart (`keyspan region`)',
  ),
  setting('audit', '<mode>', 'normal', '`strict` syncs every record to disk before the answer'),
  setting('audit-keep', '<days>', '365', 'Records of the audit log that are older are deleted; `forever` deletes none'),
  setting(
    'audit-size',
    '<size>',
    '',
    'Where the audit log is larger on disk, such as `20GiB`, its oldest records are deleted, but none of the last seven ' +
      'days; `unlimited` deletes none. A quarter of the disk, and at most 10 GiB, where none is given',
  ),
  setting('enforcement', '<mode>', 'enforce', '`log` lets pass what policies refuse, and logs it'),
  setting('throttle', '<mode>', 'off', '`aws` holds each account to the request quotas of AWS KMS'),
  setting(
    'attestation-root',
    '<file...>',
    '',
    'PEM files with root certificates that are trusted to vouch for `Recipient`',
  ),
  setting(
    'trails',
    '<place>',
    '',
    'Where trails are delivered: a directory, or the URL of an S3 endpoint; `trails` in the data where none is named',
  ),
  setting('trails-credentials', '<file>', '', 'For an S3 endpoint, a file of credentials in the format of AWS'),
  setting('trails-interval', '<seconds>', '300', 'How often trails are delivered'),
  setting('trails-digest', '<seconds>', '3600', 'How often their signed digests are'),
  setting('tls-cert', '<file>', '', 'A PEM file with the certificate chain; turns TLS on'),
  setting('tls-key', '<file>', '', 'A PEM file with its private key'),
  setting('metrics-port', '<number>', '', 'Serves `GET /metrics` for Prometheus on this port; 0 takes a free one'),
  setting('metrics-host', '<address>', '127.0.0.1', 'The address to serve them on; elsewhere they need a token'),
  setting('metrics-token-file', '<file>', '', 'A file with the bearer token that whoever asks for them must send'),
  setting('ephemeral', '', 'false', 'Keeps nothing: for tests. Development mode, on a free port where none is given'),
  setting('seed', '<file>', '', 'With `--ephemeral`, what there is at the beginning'),
  setting(
    'credentials',
    '<id:secret>',
    '',
    'With `--ephemeral`, an access key of the root user of the first account, such as `test:test`',
  ),
] as const satisfies readonly Setting[]

function setting<Name extends string>(name: Name, value: string, standard: string, meaning: string) {
  const env = `KEYSPAN_${name.toUpperCase().replaceAll('-', '_')}`
  return { name, flag: `--${name} ${value}`.trim(), env, standard, meaning }
}

/** The name of a setting. */
export type SettingName = (typeof SETTINGS)[number]['name']
