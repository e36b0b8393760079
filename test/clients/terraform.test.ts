import { DecryptCommand, DescribeKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient } from './kms-client.ts'
import { hasTerraform, IS_WHOLE, terraformProject } from './terraform-project.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname

describe.skipIf(!hasTerraform('examples/terraform*'))('Terraform: the examples', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startTestServer({ dev: false })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('makes a multi-Region key and its replica, finds nothing to change, and takes all away', async () => {
    using project = await terraformProject(server, join(EXAMPLES, 'terraform'))
    const { apply, plan, destroy } = project
    expect(await apply()).toContain('Apply complete! Resources: 6 added')
    expect(await plan()).toContain('No changes.')
    expect(await destroy()).toContain('Destroy complete! Resources: 6 destroyed.')
  }, 300_000)

  it.runIf(IS_WHOLE)(
    'makes a multi-Region key of imported material, changes it, and takes it away',
    async () => {
      using project = await terraformProject(server, join(EXAMPLES, 'terraform-imported-key'))
      const { apply, plan, destroy, outputs } = project
      const [home, away] = await Promise.all([kmsClient(server, HOME), kmsClient(server, AWAY)])
      const days = (count: number) => `${new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 19)}Z`
      const key_material = randomBytes(32).toString('base64')
      const made = { key_material, valid_to: days(30) }
      expect(await apply(made)).toContain('Apply complete! Resources: 2 added')
      expect(await plan(made)).toContain('No changes.')
      const KeyId = String((await outputs())['key_id'])
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
    },
    900_000,
  )
})
