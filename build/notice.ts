import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What stands between two licences. */
export const BETWEEN = `\n${'-'.repeat(80)}\n\n`

/** The directory of the package that a module is of; none for what is Keyspan's own. */
function packageOf(module: string): readonly string[] {
  const [, directory] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll('\\', '/')) ?? []
  return directory === undefined ? [] : [directory]
}

/** Names the packages of the modules that a bundle is made of, each with its licence. */
export function noticeOf(modules: readonly string[]): string {
  const directories = new Set(modules.flatMap(packageOf))
  const parts = [...directories].toSorted().map((directory) => {
    const { name, version, license } = readManifest(directory)
    const file = readdirSync(directory).find((each) => /^licen[cs]e/i.test(each))
    // Who gives a work to everybody asks for no text.
    if (file === undefined && license === 'Unlicense') return `${name} ${version} (${license})\n`
    if (file === undefined) throw new Error(`${name} has no licence text in ${dirname(directory)}.`)
    return `${name} ${version} (${license})\n\n${readFileSync(join(directory, file), 'utf8').trim()}\n`
  })
  return parts.join(BETWEEN)
}

function readManifest(directory: string): { name: string; version: string; license: string } {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as ReturnType<typeof readManifest>
}
