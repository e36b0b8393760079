import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../server.ts'

const EXAMPLE = new URL('../../examples/terraform', import.meta.url).pathname
/** A filesystem mirror of Terraform's providers: the registry is not asked, so that a test needs no network. */
const MIRROR = process.env['KEYSPAN_TERRAFORM_MIRROR']

function hasTerraform(): boolean {
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore', env: { ...process.env, TF_CLI_CONFIG_FILE: '' } })
    if (MIRROR !== undefined) return true
  } catch {
    // Told below.
  }
  console.warn('SKIPPED: examples/terraform needs terraform, and KEYSPAN_TERRAFORM_MIRROR with the AWS provider.')
  return false
}

describe.skipIf(!hasTerraform())('Terraform', () => {
  let server: TestServer
  let directory: string

  beforeAll(async () => {
    server = await startTestServer({ dev: false })
    directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    cpSync(EXAMPLE, directory, { recursive: true })
    writeFileSync(
      join(directory, 'terraform.rc'),
      `provider_installation {\n  filesystem_mirror {\n    path = "${MIRROR ?? ''}"\n  }\n}\n`,
    )
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  const terraform = (...args: readonly string[]) =>
    promisify(execFile)('terraform', [...args, '-no-color', '-input=false'], {
      cwd: directory,
      env: {
        ...process.env,
        TF_CLI_CONFIG_FILE: join(directory, 'terraform.rc'),
        TF_VAR_endpoint: server.url,
        AWS_SHARED_CREDENTIALS_FILE: join(server.path, 'aws', 'credentials'),
        AWS_CONFIG_FILE: join(server.path, 'aws', 'config'),
        AWS_PROFILE: 'keyspan',
      },
    })

  it('makes a multi-Region key and its replica, finds nothing to change, and takes all away', async () => {
    await terraform('init')
    expect((await terraform('apply', '-auto-approve')).stdout).toContain('Apply complete! Resources: 6 added')
    // It ends with another code where something differs.
    expect((await terraform('plan', '-detailed-exitcode')).stdout).toContain('No changes.')
    expect((await terraform('destroy', '-auto-approve')).stdout).toContain('Destroy complete! Resources: 6 destroyed.')
  }, 300_000)
})
