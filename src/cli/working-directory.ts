import { dirname } from 'node:path'

/**
 * Goes back to where the user stands: npm runs the scripts of a clone in the clone, and relative paths are meant from
 * where they were typed.
 */
export function goToUser(environment: NodeJS.ProcessEnv): void {
  const { npm_package_name: name, npm_package_json: manifest, INIT_CWD: origin } = environment
  if (name !== 'keyspan' || manifest === undefined || origin === undefined) return
  if (dirname(manifest) === process.cwd()) process.chdir(origin)
}
