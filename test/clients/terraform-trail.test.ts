import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { cloudTrailClient } from './cloudtrail-client.ts'
import { hasTerraform, IS_WHOLE, terraformProject } from './terraform-project.ts'

const CONFIGURATION = new URL('terraform/trail.tf', import.meta.url).pathname
const MINUTES = 60_000

describe.skipIf(!IS_WHOLE || !hasTerraform('aws_cloudtrail'))('Terraform: aws_cloudtrail', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startTestServer({ dev: false })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('is made, found as it is, changed, stopped and taken away', { timeout: 10 * MINUTES }, async () => {
    using project = await terraformProject(server, CONFIGURATION)
    const { apply, plan, destroy } = project
    const trails = await cloudTrailClient(server, HOME)
    const ask = async (operation: string, input: object) => (await trails.ask(operation, input)).answer
    expect(await apply()).toContain('Apply complete! Resources: 1 added')
    expect(await plan()).toContain('No changes.')
    expect(await ask('GetTrailStatus', { Name: 'audit' })).toMatchObject({ IsLogging: true })
    for (const changed of [
      { prefix: 'other', read_write_type: 'WriteOnly' },
      { prefix: 'other', advanced: 'true' },
      { prefix: 'other', advanced: 'true', logging: 'false' },
    ]) {
      expect(await apply(changed)).toContain('Apply complete! Resources: 0 added, 1 changed, 0 destroyed.')
      expect(await plan(changed)).toContain('No changes.')
    }
    expect(await ask('GetTrail', { Name: 'audit' })).toMatchObject({
      Trail: { S3KeyPrefix: 'other', HasCustomEventSelectors: true, LogFileValidationEnabled: true },
    })
    expect(await ask('GetTrailStatus', { Name: 'audit' })).toMatchObject({ IsLogging: false })
    expect(await destroy({ prefix: 'other', advanced: 'true', logging: 'false' })).toContain(
      'Destroy complete! Resources: 1 destroyed.',
    )
    expect(await ask('ListTrails', {})).toEqual({ Trails: [] })
  })
})
