import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TestServer } from '../server.ts'
import { hasTool, profileOf } from './tools.ts'

/** A filesystem mirror of Terraform's providers: the registry is not asked, so that a test needs no network. */
const MIRROR = process.env['KEYSPAN_TERRAFORM_MIRROR']

/** Whether everything is run that takes minutes: `npm run compatibility` does, and the tests run a part. */
export const IS_WHOLE = process.env['KEYSPAN_COMPATIBILITY'] === 'whole'

type Variables = Readonly<Record<string, string>>

/** A Terraform configuration in a directory of its own, ready to be applied. */
export interface TerraformProject extends Disposable {
  readonly directory: string
  /** Runs a command; answers what it has said, or throws with what it has said to standard error. */
  readonly run: (command: string, variables?: Variables, ...args: readonly string[]) => Promise<string>
  readonly apply: (variables?: Variables) => Promise<string>
  /** Throws where something differs. */
  readonly plan: (variables?: Variables) => Promise<string>
  readonly destroy: (variables?: Variables) => Promise<string>
  readonly outputs: () => Promise<Readonly<Record<string, unknown>>>
}

/** Says whether Terraform and its AWS provider are on this machine. */
export function hasTerraform(needed: string): boolean {
  if (!hasTool('terraform', ['version'], `${needed} needs terraform`)) return false
  if (MIRROR === undefined) console.warn(`SKIPPED: ${needed} needs KEYSPAN_TERRAFORM_MIRROR, with the AWS provider.`)
  return MIRROR !== undefined
}

/** Copies a configuration, a folder or a file, and initializes it. */
export async function terraformProject(server: TestServer, source: string): Promise<TerraformProject> {
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  const isFile = source.endsWith('.tf')
  cpSync(source, isFile ? join(directory, basename(source)) : directory, { recursive: true })
  const rc = `provider_installation {\n  filesystem_mirror {\n    path = "${MIRROR ?? ''}"\n  }\n}\n`
  writeFileSync(join(directory, 'terraform.rc'), rc)
  const run: TerraformProject['run'] = async (command, variables = {}, ...args) => {
    const given = Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value])
    const env = {
      ...profileOf(server),
      TF_INPUT: '0',
      // The provider is large: to look for what it needs no more is a quarter of its time.
      GOGC: '400',
      TF_CLI_CONFIG_FILE: join(directory, 'terraform.rc'),
      TF_VAR_endpoint: server.url,
      ...Object.fromEntries(given),
    }
    const { stdout } = await promisify(execFile)('terraform', [command, ...args, '-no-color'], { cwd: directory, env })
    return stdout
  }
  await run('init')
  return {
    directory,
    run,
    apply: (variables) => run('apply', variables, '-auto-approve'),
    // It ends with another code where something differs.
    plan: (variables) => run('plan', variables, '-detailed-exitcode'),
    destroy: (variables) => run('destroy', variables, '-auto-approve'),
    async outputs() {
      const all = JSON.parse(await run('output', {}, '-json')) as Record<string, { value: unknown }>
      return Object.fromEntries(Object.entries(all).map(([name, { value }]) => [name, value]))
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}
