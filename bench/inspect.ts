/**
 * `npm run bench:inspect [PRINCIPALS] [CALLS]`: what `who-can`, `policy diff` and `policy suggest` take beside so many
 * principals and so many recorded calls, and for how long they hold the loop of the server at most.
 */
import { CreateRoleCommand, CreateUserCommand, type IAMClient } from '@aws-sdk/client-iam'
import { CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { randomUUID } from 'node:crypto'
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { askControl } from '../test/control.ts'
import { kmsClient } from '../test/clients/kms-client.ts'
import { policyOf, principalsOf } from '../test/clients/principals.ts'
import { HOME, startTestServer } from '../test/server.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'

const ACCOUNT = '111122223333'
const ROLES = 990
const principals = Number(process.argv[2] ?? 4990)
const calls = Number(process.argv[3] ?? 100_000)

await using server = await startTestServer()
const kms = await kmsClient(server, HOME)
const owner = await principalsOf(server, HOME)
const trust = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }
await makePrincipals(owner.iam)
const app = await owner.user(policyOf({ Effect: 'Allow', Action: 'kms:*', Resource: '*' }))
const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
const key = KeyMetadata?.Arn ?? ''
await app
  .kms(HOME)
  .send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x'), EncryptionContext: { team: 'payments' } }))
await multiplyRecords()

const root = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }
const proposed = {
  target: key,
  inline: null,
  text: policyOf({ ...root, Condition: { StringEquals: { 'kms:EncryptionContext:team': 'hr' } } }),
}
const whoCan = { key, actions: [], principals: [], regions: [], context: {} }
await measure(`who-can of ${principals} principals`, () => pages('/who-can', whoCan))
await measure(`who-can of them, all actions`, () => pages('/who-can', { ...whoCan, actions: ['all'] }))
await measure('policy diff, whose permissions differ', () => pages('/policy/differences', proposed))
await measure(`policy diff, ${calls} recorded calls`, () =>
  askControl(server, '/policy/witnesses', { ...proposed, days: 2 }),
)
await measure(`policy suggest of a user, ${calls} recorded calls`, () =>
  askControl(server, '/policy/suggestion', { target: app.arn, days: 2 }),
)

/** As many roles as an account may have, and users. */
async function makePrincipals(client: IAMClient): Promise<void> {
  const AssumeRolePolicyDocument = policyOf(trust)
  const make = (index: number): Promise<unknown> =>
    index < ROLES
      ? client.send(new CreateRoleCommand({ RoleName: `role-${index}`, AssumeRolePolicyDocument }))
      : client.send(new CreateUserCommand({ UserName: `user-${index}` }))
  for (let made = 0; made < principals; made += 20) {
    await Promise.all(Array.from({ length: Math.min(20, principals - made) }, (_, index) => make(made + index)))
  }
}

/** Writes the last record again, so many times, as it was written by others at other times. */
async function multiplyRecords(): Promise<void> {
  const directory = dataDirectory(server.path).audit(HOME)
  const [file = ''] = (await readdir(directory)).toSorted().toReversed()
  const text = await readFile(join(directory, file), 'utf8')
  const last =
    text
      .trim()
      .split('\n')
      .findLast((line) => line.includes('"Encrypt"')) ?? ''
  const yesterday = new Date(Date.now() - 86_400_000).toISOString()
  for (let written = 0; written < calls; written += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, calls - written) }, () =>
      last
        .replace(/"eventTime":"[^"]*"/, `"eventTime":"${yesterday}"`)
        .replace(/"requestID":"[^"]*"/, `"requestID":"${randomUUID()}"`),
    )
    await appendFile(join(directory, `${yesterday.slice(0, 10)}.jsonl`), `${lines.join('\n')}\n`)
  }
}

/** Asks page after page. */
async function pages(path: string, asked: object): Promise<void> {
  let after: unknown = null
  do {
    const page = (await askControl(server, path, { ...asked, after })) as { next: unknown }
    after = page.next
  } while (after !== null)
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const before = process.memoryUsage.rss()
  delay.enable()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  delay.disable()
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20
  const held = delay.max / 1e6
  console.log(
    `${what.padEnd(48)} ${seconds.toFixed(2)} s, ${grown.toFixed(0)} MB more, loop held ${held.toFixed(0)} ms`,
  )
}
