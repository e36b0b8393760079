import {
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  PutKeyPolicyCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient } from './kms-client.ts'
import { hasTerraform, IS_WHOLE, terraformProject, type TerraformProject } from './terraform-project.ts'

const CONFIGURATIONS = new URL('terraform/', import.meta.url).pathname
const RESOURCES = 20
const MINUTES = 60_000

describe.skipIf(!IS_WHOLE || !hasTerraform('every resource of KMS'))(
  'Terraform: every resource and data source of KMS',
  () => {
    const inTwoMonths = `${new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`
    const variables = { material: randomBytes(32).toString('base64'), valid_to: inTwoMonths }
    let server: TestServer
    let estate: TerraformProject
    let ids: Readonly<Record<string, string>>

    beforeAll(async () => {
      server = await startTestServer({ dev: false })
      estate = await terraformProject(server, join(CONFIGURATIONS, 'estate.tf'))
    })
    afterAll(async () => {
      estate[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
    })

    it('makes them all, and then finds nothing to change', { timeout: 5 * MINUTES }, async () => {
      expect(await estate.apply(variables)).toContain(`Apply complete! Resources: ${RESOURCES} added`)
      expect(await estate.plan(variables)).toContain('No changes.')
      const outputs = await estate.outputs()
      ids = outputs['ids'] as typeof ids
      expect(outputs).toMatchObject({
        alias_target: expect.stringMatching(/:key\//) as unknown,
        public_key: expect.stringContaining('BEGIN PUBLIC KEY') as unknown,
        replica: HOME,
        secret: 'attack at dawn',
      })
    })

    it('imports each that can be imported, as it is', { timeout: 3 * MINUTES }, async () => {
      using imports = await terraformProject(server, join(CONFIGURATIONS, 'estate.tf'))
      const [providers = ''] = readFileSync(join(CONFIGURATIONS, 'estate.tf'), 'utf8').split(
        'data "aws_caller_identity"',
      )
      const blocks = Object.entries(ids).map(([address, id]) => {
        const provider = address.includes('replica') ? '  provider = aws.away\n' : ''
        return `import {\n  to = ${address}\n  id = "${id}"\n${provider}}\n`
      })
      writeFileSync(join(imports.directory, 'estate.tf'), [providers, ...blocks].join('\n'))
      // The window of a deletion is Terraform's own, and no key has it: it is set, and changes nothing here.
      expect(await imports.run('plan', variables, '-generate-config-out=found.tf')).toMatch(
        new RegExp(`Plan: ${blocks.length} to import, 0 to add, \\d to change, 0 to destroy\\.`),
      )
    })

    it('finds what was changed behind its back, and repairs it', { timeout: 3 * MINUTES }, async () => {
      const [home, away] = await Promise.all([kmsClient(server, HOME), kmsClient(server, AWAY)])
      const idOf = (address: string) => ids[address] ?? ''
      const [key, plain] = [idOf('aws_kms_key.invoices'), idOf('aws_kms_key_policy.plain')]
      const [own, replica] = [idOf('aws_kms_external_key.own'), idOf('aws_kms_replica_key.everywhere')]
      const everybody = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:*', Resource: '*' }],
      })
      await home.send(new UpdateKeyDescriptionCommand({ KeyId: key, Description: 'changed' }))
      await home.send(new DisableKeyRotationCommand({ KeyId: key }))
      await home.send(new UpdateAliasCommand({ AliasName: 'alias/invoices/2026', TargetKeyId: plain }))
      await home.send(new PutKeyPolicyCommand({ KeyId: plain, Policy: everybody }))
      await home.send(new UpdateKeyDescriptionCommand({ KeyId: own, Description: 'changed' }))
      await away.send(new TagResourceCommand({ KeyId: replica, Tags: [{ TagKey: 'team', TagValue: 'sales' }] }))
      await away.send(new DeleteAliasCommand({ AliasName: 'alias/everywhere' }))

      expect(await estate.apply(variables)).toContain('Apply complete! Resources: 1 added, 5 changed, 0 destroyed.')
      expect(await estate.plan(variables)).toContain('No changes.')
      const { KeyMetadata } = await home.send(new DescribeKeyCommand({ KeyId: 'alias/invoices/2026' }))
      expect(KeyMetadata).toMatchObject({ KeyId: key, Description: 'invoices' })
    })

    it('takes all away', { timeout: 3 * MINUTES }, async () => {
      expect(await estate.run('destroy', variables, '-auto-approve', '-refresh=false')).toContain(
        `Destroy complete! Resources: ${RESOURCES} destroyed.`,
      )
    })

    it('is told that there are no custom key stores', { timeout: 3 * MINUTES }, async () => {
      using project = await terraformProject(server, join(CONFIGURATIONS, 'custom-key-store.tf'))
      await expect(project.apply()).rejects.toThrow(/UnsupportedOperationException: .*custom key store/i)
      const found = 'data "aws_kms_custom_key_store" "cluster" {\n  custom_key_store_name = "cluster"\n}\n'
      const text = readFileSync(join(project.directory, 'custom-key-store.tf'), 'utf8')
      writeFileSync(join(project.directory, 'custom-key-store.tf'), text.replace(/resource [^]*/, found))
      await expect(project.apply()).rejects.toThrow(/couldn't find resource/)
    })
  },
)
