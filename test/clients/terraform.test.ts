import { DecryptCommand, DescribeKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient } from './kms-client.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname
/** A filesystem mirror of Terraform's providers: the registry is not asked, so that a test needs no network. */
const MIRROR = process.env['KEYSPAN_TERRAFORM_MIRROR']

function hasTerraform(): boolean {
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore', env: { ...process.env, TF_CLI_CONFIG_FILE: '' } })
    if (MIRROR !== undefined) return true
  } catch {
    // Told below.
  }
  console.warn('SKIPPED: examples/terraform* need terraform, and KEYSPAN_TERRAFORM_MIRROR with the AWS provider.')
  return false
}

describe.skipIf(!hasTerraform())('Terraform', () => {
  let server: TestServer
  const directories: string[] = []

  beforeAll(async () => {
    server = await startTestServer({ dev: false })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    for (const directory of directories) rmSync(directory, { recursive: true })
  })

  /** An example in a directory of its own, ready to be applied. */
  async function prepare(example: string) {
    const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    directories.push(directory)
    cpSync(join(EXAMPLES, example), directory, { recursive: true })
    writeFileSync(
      join(directory, 'terraform.rc'),
      `provider_installation {\n  filesystem_mirror {\n    path = "${MIRROR ?? ''}"\n  }\n}\n`,
    )
    const terraform = async (command: string, variables: Readonly<Record<string, string>> = {}, ...args: string[]) => {
      const given = Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value])
      const { stdout } = await promisify(execFile)('terraform', [command, ...args, '-no-color'], {
        cwd: directory,
        env: {
          ...process.env,
          TF_INPUT: '0',
          TF_CLI_CONFIG_FILE: join(directory, 'terraform.rc'),
          TF_VAR_endpoint: server.url,
          AWS_SHARED_CREDENTIALS_FILE: join(server.path, 'aws', 'credentials'),
          AWS_CONFIG_FILE: join(server.path, 'aws', 'config'),
          AWS_PROFILE: 'keyspan',
          ...Object.fromEntries(given),
        },
      })
      return stdout
    }
    await terraform('init')
    return {
      apply: (variables?: Readonly<Record<string, string>>) => terraform('apply', variables, '-auto-approve'),
      // It ends with another code where something differs.
      plan: (variables?: Readonly<Record<string, string>>) => terraform('plan', variables, '-detailed-exitcode'),
      destroy: (variables?: Readonly<Record<string, string>>) => terraform('destroy', variables, '-auto-approve'),
      output: async () => JSON.parse(await terraform('output', {}, '-json')) as Record<string, { value: unknown }>,
    }
  }

  it('makes a multi-Region key and its replica, finds nothing to change, and takes all away', async () => {
    const { apply, plan, destroy } = await prepare('terraform')
    expect(await apply()).toContain('Apply complete! Resources: 6 added')
    expect(await plan()).toContain('No changes.')
    expect(await destroy()).toContain('Destroy complete! Resources: 6 destroyed.')
  }, 300_000)

  it('makes a multi-Region key of imported material, changes it, and takes it away', async () => {
    const { apply, plan, destroy, output } = await prepare('terraform-imported-key')
    const [home, away] = await Promise.all([kmsClient(server, HOME), kmsClient(server, AWAY)])
    const days = (count: number) => `${new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 19)}Z`
    const key_material = randomBytes(32).toString('base64')
    const made = { key_material, valid_to: days(30) }
    expect(await apply(made)).toContain('Apply complete! Resources: 2 added')
    expect(await plan(made)).toContain('No changes.')
    const KeyId = String((await output())['key_id']?.value)
    const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text') }))
    const { Plaintext } = await away.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('text')

    const steps = [
      { valid_to: days(60), description: 'changed', enabled: 'false' },
      { description: 'changed again', enabled: 'true' },
    ]
    for (const step of steps) {
      const changed = { key_material, ...step }
      expect(await apply(changed)).toContain('Apply complete! Resources: 0 added, 2 changed, 0 destroyed.')
      expect(await plan(changed)).toContain('No changes.')
      for (const client of [home, away]) {
        const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }))
        expect(KeyMetadata).toMatchObject({
          Description: expect.stringContaining(step.description) as unknown,
          KeyState: step.enabled === 'false' ? 'Disabled' : 'Enabled',
          ExpirationModel: step.valid_to === undefined ? 'KEY_MATERIAL_DOES_NOT_EXPIRE' : 'KEY_MATERIAL_EXPIRES',
        })
        expect(KeyMetadata?.ValidTo).toEqual(step.valid_to === undefined ? undefined : new Date(step.valid_to))
      }
    }
    expect(await destroy(made)).toContain('Destroy complete! Resources: 2 destroyed.')
    for (const client of [home, away]) {
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }))
      expect(KeyMetadata?.KeyState).toMatch(/^Pending(Replica)?Deletion$/)
    }
  }, 900_000)
})
