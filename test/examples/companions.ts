import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { profileOf } from '../clients/tools.ts'
import type { TestServer } from '../server.ts'

/** A folder where `npm install` has put what package.json beside this file asks for: what examples are checked by. */
const INSTALLED = process.env['KEYSPAN_COMPANIONS']
if (INSTALLED === undefined) {
  console.warn(
    'SKIPPED: some examples need KEYSPAN_COMPANIONS, a folder with what test/examples/package.json asks for.',
  )
}

/** Whether the packages are here. */
export const hasCompanions = INSTALLED !== undefined

/** Loads one of these packages. */
export function companion(name: string): unknown {
  return createRequire(join(INSTALLED ?? '', 'package.json'))(name)
}

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname

/** Where an example lies. */
export function exampleFile(name: string): string {
  return join(EXAMPLES, name)
}

/** Runs an example's program as the root user of a server's first account; gives what it prints, without its end. */
export async function runExample(
  server: TestServer,
  [program, ...args]: readonly [string, ...string[]],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...profileOf(server), ...more }
  return (await promisify(execFile)(process.execPath, [exampleFile(program), ...args], { env })).stdout.trimEnd()
}
