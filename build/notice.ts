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
    // Who gives a work to everybody asks for no text.
    const text = licenceIn(directory) ?? (license === 'Unlicense' ? '' : null)
    if (text === null) throw new Error(`${name} has no licence text in ${dirname(directory)}.`)
    return `${name} ${version} (${license})\n${text === '' ? '' : `\n${text}\n`}`
  })
  return parts.join(BETWEEN)
}

/** The text of a licence: a file of its own, or the end of what is to be read first. */
function licenceIn(directory: string): string | null {
  const files = readdirSync(directory)
  const read = (file: string) => readFileSync(join(directory, file), 'utf8')
  const own = files.find((each) => /^licen[cs]e/i.test(each))
  if (own !== undefined) return read(own).trim()
  const readme = files.find((each) => /^readme/i.test(each))
  const [, text = null] = readme === undefined ? [] : (/^## licen[cs]e$(.*)/ims.exec(read(readme)) ?? [])
  return text?.trim() ?? null
}

function readManifest(directory: string): { name: string; version: string; license: string } {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as ReturnType<typeof readManifest>
}
