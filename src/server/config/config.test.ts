import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { ConfigError } from './config-error.ts'

let directory: string
let file: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  file = join(directory, 'keyspan.json')
  writeFileSync(file, JSON.stringify({ port: 1, data: 'from-file', regions: ['eu-west-1'], dev: true }))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('The configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({}, {})).toEqual({
      data: 'keyspan-data',
      database: null,
      rootKey: null,
      root: {
        kind: null,
        passphraseFile: null,
        kms: { key: null, endpoint: null, credentials: null },
        hsm: { key: null, module: null, pinFile: null, token: null },
      },
      port: 7700,
      host: '127.0.0.1',
      regions: null,
      console: null,
      dev: false,
      audit: 'normal',
      retention: { days: 365, bytes: 'by disk' },
      enforcement: 'enforce',
      throttle: 'off',
      attestationRoots: [],
      trails: { to: null, credentials: null, interval: 300, digestInterval: 3600 },
      tls: null,
      metrics: null,
      peers: { urls: new Map(), listen: null, staleMs: 3_600_000 },
      alarms: null,
      ephemeral: false,
      seed: null,
      credentials: null,
    })
  })

  it.each([
    [{ 'audit-keep': 'forever' }, { days: null, bytes: 'by disk' }],
    [
      { 'audit-keep': 30, 'audit-size': '512MiB' },
      { days: 30, bytes: 512 * 1024 ** 2 },
    ],
    [{ 'audit-size': '2 TiB' }, { days: 365, bytes: 2 * 1024 ** 4 }],
    [{ 'audit-size': 'unlimited' }, { days: 365, bytes: 'unlimited' }],
  ])('limits the audit log by %j', (flags, retention) => {
    expect(readConfig(flags, {}).retention).toEqual(retention)
  })

  it('of a process of several says where the others reach it', () => {
    const database = 'postgres://keyspan@db.example.com/keyspan'
    const nodeOf = (address: string) => readConfig({ database, 'node-address': address }, {}).database?.node
    expect(readConfig({ database }, {}).database?.node).toBeNull()
    expect(nodeOf('10.0.0.1:7702')).toEqual({ host: '10.0.0.1', port: 7702 })
    expect(nodeOf('[fd00::1]:0')).toEqual({ host: 'fd00::1', port: 0 })
    for (const wrong of ['0.0.0.0:7702', '[::]:7702', '10.0.0.1', ':7702', '10.0.0.1:77020', 'https://a:1']) {
      expect(() => nodeOf(wrong)).toThrow(`"${wrong}" from the flag --node-address is not a host and a port`)
    }
    expect(() => readConfig({ 'node-address': '10.0.0.1:7702' }, {})).toThrow('Give --database')
  })

  it('of an ephemeral server is for development, on a free port unless one is given', () => {
    const flags = { ephemeral: true, seed: 'seed.yaml', credentials: 'test:a:b' }
    const credentials = { accessKeyId: 'test', secretAccessKey: 'a:b' }
    expect(readConfig(flags, {})).toMatchObject({ ephemeral: true, dev: true, port: 0, seed: 'seed.yaml', credentials })
    expect(readConfig({ ephemeral: true }, { KEYSPAN_PORT: '7' })).toMatchObject({ port: 7 })
    // A data directory of the shell's is not in the way; one that is asked for cannot be had.
    expect(readConfig({ ephemeral: true }, { KEYSPAN_DATA: 'x' })).toMatchObject({ ephemeral: true })
    for (const kept of ['data', 'root-key', 'audit', 'audit-keep', 'audit-size']) {
      expect(() => readConfig({ ephemeral: true, [kept]: 'strict' }, {})).toThrow(`--${kept} has no meaning`)
    }
    expect(() => readConfig({}, { KEYSPAN_CREDENTIALS: 'test:secret' })).toThrow(/^"test:\.\.\." from the environment/)
    expect(() => readConfig({ ephemeral: true, credentials: 'test' }, {})).toThrow('such as test:test')
  })

  it('takes a flag before the environment, that before the file, and that before the default', () => {
    const env = { KEYSPAN_CONFIG: file, KEYSPAN_PORT: '2' }
    expect(readConfig({ port: '3' }, env)).toMatchObject({ port: 3, data: 'from-file' })
    expect(readConfig({}, env)).toMatchObject({ port: 2, regions: ['eu-west-1'], dev: true })
    expect(readConfig({ config: file }, {})).toMatchObject({ port: 1, audit: 'normal' })
  })

  it('takes several roots, as a flag that is given again or as a list', () => {
    const attestationRoots = ['a.pem', 'b.pem']
    expect(readConfig({ 'attestation-root': attestationRoots }, {})).toMatchObject({ attestationRoots })
    expect(readConfig({}, { KEYSPAN_ATTESTATION_ROOT: 'a.pem, b.pem' })).toMatchObject({ attestationRoots })
  })

  it.each([
    [{ throttle: 'on' }, {}, 'The throttle "on" from the flag --throttle is neither off nor aws.'],
    [{ port: 'many' }, {}, 'The port "many" from the flag --port is not a number from 0 to 65535.'],
    [{}, { KEYSPAN_PORT: '65536' }, 'from the environment variable KEYSPAN_PORT'],
    [
      { regions: 'us-east-1,mars-1' },
      {},
      'The Region "mars-1" from the flag --regions is not a commercial AWS Region.',
    ],
    [{ regions: '' }, {}, 'The Region "" from'],
    [{}, { KEYSPAN_DEV: 'maybe' }, '"maybe" from the environment variable KEYSPAN_DEV is neither true nor false.'],
    [{ audit: 'loose' }, {}, 'neither normal nor strict'],
    [{ console: 'maybe' }, {}, 'The console "maybe" from the flag --console is neither on nor off.'],
    [{ 'audit-keep': '0' }, {}, 'The days of the audit log, "0" from the flag --audit-keep, are neither'],
    [{}, { KEYSPAN_AUDIT_KEEP: '1.5' }, 'are neither a number from 1 nor forever'],
    [{ 'audit-size': '20GB' }, {}, 'The size of the audit log, "20GB" from the flag --audit-size, is neither'],
    [{ 'tls-cert': 'x' }, {}, 'TLS needs both'],
    [
      { regions: 'us-east-1', peer: 'eu-west-1=https://a:1,eu-west-1=https://b:2' },
      {},
      'eu-west-1 is named twice as a peer (the flag --peer)',
    ],
    [
      { regions: 'us-east-1', 'peer-port': '7700' },
      {},
      'peer-port (the flag --peer-port) is 7700, and so is port. Give one of them another',
    ],
    [{ port: '9', 'metrics-port': '9' }, {}, 'metrics-port (the flag --metrics-port) is 9, and so is port.'],
    [{ config: '/nowhere.json' }, {}, 'The configuration file /nowhere.json cannot be read'],
  ])('refuses %j with %j and says why', (flags, env, message) => {
    expect(() => readConfig(flags, env)).toThrow(ConfigError)
    expect(() => readConfig(flags, env)).toThrow(message)
  })

  it.each([
    ['[]', 'must hold a JSON object'],
    ['{"prot": 1}', '"prot" in'],
    ['{"port": {}}', 'must be text, a number'],
    ['{', 'cannot be read as JSON'],
  ])('refuses the file %s', (content, message) => {
    const path = join(directory, 'bad.json')
    writeFileSync(path, content)
    expect(() => readConfig({ config: path }, {})).toThrow(message)
  })
})
