import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { TestServer } from '../server.ts'

/** Says whether a command works here; where it does not, the run says loudly what is skipped. */
export function hasTool(tool: string, args: readonly string[], needed: string): boolean {
  try {
    execFileSync(tool, args, { stdio: 'ignore', env: { ...process.env, TF_CLI_CONFIG_FILE: '' } })
    return true
  } catch {
    console.warn(`SKIPPED: ${needed}, which is not on this machine.`)
    return false
  }
}

/** The environment in which AWS's clients use a server's first account, through the profile that the server has made. */
export function profileOf({ path }: TestServer): NodeJS.ProcessEnv {
  return {
    ...process.env,
    AWS_SHARED_CREDENTIALS_FILE: `${path}/aws/credentials`,
    AWS_CONFIG_FILE: `${path}/aws/config`,
    AWS_PROFILE: 'keyspan',
  }
}

/** Runs a command to its end, and answers what it has said. */
export async function runTool(tool: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(tool, [...args], { env, encoding: 'utf8' })
  return stdout
}
