import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../config/config-error.ts'
import { readAlarms } from './read-alarms.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const ENV = { HOOK: SECRET, EMPTY: ' ', SHORT: 'whsec_AAAA', PLAIN: 'hunter2hunter2hunter2hunter2' }
const rule = { name: 'off', when: 'key-disabled', to: 'hook' }
const hook = { name: 'hook', url: 'https://hooks.example.com/x', secrets: [{ env: 'HOOK' }] }

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const read = (alarms: unknown, targets: unknown = [hook]) => readAlarms({ alarms, targets }, ENV)

describe('The alarms of a configuration file', () => {
  it('are read with their targets, and secrets from files and the environment', () => {
    const file = join(directory, 'secret')
    writeFileSync(file, `${SECRET}\n`)
    const targets = [
      { ...hook, secrets: [{ file }, { env: 'HOOK' }], timeout: '5s', 'give-up-after': '1d' },
      { name: 'page', command: ['/bin/page', '--now'] },
    ]
    const alarms = read([rule, { ...rule, name: 'more', to: ['page', 'log', 'page'] }], targets)
    expect(alarms.rules.map(({ name, to }) => [name, to])).toEqual([
      ['off', ['hook']],
      ['more', ['page', 'log']],
    ])
    expect(alarms.targets.map(({ name, to }) => [name, to.kind])).toEqual([
      ['log', 'log'],
      ['hook', 'webhook'],
      ['page', 'command'],
    ])
    expect(alarms.targets[1]).toMatchObject({ timeout: 5000, giveUpAfter: 86_400_000 })
  })

  it.each([
    ['http://127.0.0.1:8080/', false],
    ['http://[::1]/', false],
    ['http://localhost/', false],
    ['https://10.0.0.7/hook', false],
    ['http://10.0.0.7/hook', true],
  ])('go to %s', (url, insecure) => {
    expect(read([rule], [{ ...hook, url, insecure }]).targets).toHaveLength(1)
  })

  it.each<readonly [string, unknown, unknown, string]>([
    ['no list', {}, [hook], 'alarms in the configuration file: '],
    [
      'an unknown field',
      [{ ...rule, extra: 1 }],
      [hook],
      'alarms[0] in the configuration file: Unrecognized key: "extra".',
    ],
    [
      'a name',
      [{ ...rule, name: 'Off!' }],
      [hook],
      'alarms[0].name in the configuration file: a name has small letters',
    ],
    ['a name twice', [rule, rule], [hook], 'alarms in the configuration file has "off" twice'],
    [
      'neither',
      [{ name: 'off', to: 'log' }],
      [],
      'alarms[0] in the configuration file: give either "when" or "pattern".',
    ],
    ['both', [{ ...rule, pattern: {} }], [hook], 'give either "when" or "pattern"'],
    [
      'no such alarm',
      [{ ...rule, when: 'key-lost' }],
      [hook],
      'alarms[0].when in the configuration file: "key-lost" is no alarm; there are key-deletion-scheduled,',
    ],
    [
      'no such target',
      [{ ...rule, to: 'pager' }],
      [hook],
      'alarms[0].to in the configuration file: "pager" is no target; there are log, hook.',
    ],
    [
      'a pattern',
      [{ name: 'a', to: 'log', pattern: { detail: { eventName: 'X' } } }],
      [],
      'alarms[0].pattern.detail.eventName in the configuration file: "X" stands alone',
    ],
    [
      'half a count',
      [{ ...rule, count: 5 }],
      [hook],
      'alarms[0].count in the configuration file: "count" and "within" belong together',
    ],
    [
      'a count ahead',
      [{ ...rule, when: 'key-material-expiring', count: 5 }],
      [hook],
      'alarms[0].count in the configuration file',
    ],
    ['floods with others', [{ ...rule, when: ['key-disabled', 'refusals-flood'] }], [hook], 'name it alone'],
    [
      'a duration',
      [{ ...rule, count: 5, within: 'soon' }],
      [hook],
      'alarms[0].within in the configuration file: "soon" is no duration',
    ],
    [
      'reads',
      [{ ...rule, reads: true }],
      [hook],
      'alarms[0].reads in the configuration file: it goes with a pattern only',
    ],
    ['an idle target', [{ ...rule, to: 'log' }], [hook], 'No alarm goes "to" the target "hook"'],
    ['a target twice', [rule], [hook, hook], 'alarm-targets in the configuration file has "hook" twice'],
    ['a target named log', [rule], [{ ...hook, name: 'log' }], 'has "log" twice: it is always there'],
    [
      'http',
      [rule],
      [{ ...hook, url: 'http://hooks.example.com/' }],
      'alarm-targets[0].url in the configuration file: http://hooks.example.com is not encrypted on its way',
    ],
    [
      'a host that looks like loopback',
      [rule],
      [{ ...hook, url: 'http://127.0.0.1.example.com/' }],
      'is not encrypted on its way',
    ],
    ['no URL', [rule], [{ ...hook, url: 'hooks' }], 'alarm-targets[0].url in the configuration file: it is no URL'],
    ['a file', [rule], [{ ...hook, url: 'file:///etc/passwd' }], 'file: is neither https: nor http:'],
    ['a password', [rule], [{ ...hook, url: 'https://a:b@hooks.example.com/' }], 'it has a user or a password in it'],
    [
      'no secrets',
      [rule],
      [{ name: 'hook', url: hook.url }],
      'alarm-targets[0] in the configuration file: a "url" needs "secrets"',
    ],
    [
      'a secret in the text',
      [rule],
      [{ ...hook, secrets: [SECRET] }],
      'alarm-targets[0].secrets[0] in the configuration file: a secret is {"file": "..."}',
    ],
    [
      'no such file',
      [rule],
      [{ ...hook, secrets: [{ file: '/nowhere' }] }],
      'alarm-targets[0].secrets[0] in the configuration file: /nowhere cannot be read: there is no such file',
    ],
    ['no variable', [rule], [{ ...hook, secrets: [{ env: 'NONE' }] }], 'the environment variable NONE is empty'],
    [
      'an empty variable',
      [rule],
      [{ ...hook, secrets: [{ env: 'EMPTY' }] }],
      'the environment variable EMPTY is empty',
    ],
    [
      'a short secret',
      [rule],
      [{ ...hook, secrets: [{ env: 'SHORT' }] }],
      'SHORT has no secret in it: that is whsec_ and 24 to 64 bytes',
    ],
    ['a plain secret', [rule], [{ ...hook, secrets: [{ env: 'PLAIN' }] }], 'PLAIN has no secret in it'],
    [
      'a relative command',
      [rule],
      [{ name: 'hook', command: ['page'] }],
      'alarm-targets[0].command[0] in the configuration file: "page" is no absolute path',
    ],
    [
      'a command with secrets',
      [rule],
      [{ ...hook, url: undefined, command: ['/bin/page'] }],
      '"secrets" and "insecure" go with a "url" only',
    ],
    [
      'a long timeout',
      [rule],
      [{ ...hook, timeout: '5m' }],
      'alarm-targets[0].timeout in the configuration file: a try takes 60s at most',
    ],
  ])('are refused for %s', (_, alarms, targets, message) => {
    let told = ''
    try {
      read(alarms, targets)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      told = (error as Error).message
    }
    expect(told).toContain(message)
    for (const secret of [SECRET, 'hunter2', 'a:b@']) expect(told).not.toContain(secret)
  })
})
