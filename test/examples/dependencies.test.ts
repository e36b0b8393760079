import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { exampleFile } from './companions.ts'

/** They are installed apart: examples/cdk has what no test here needs. */
const OF_THEIR_OWN = ['cdk']

type Manifest = Readonly<{ dependencies?: Readonly<Record<string, string>> }>
const manifest = (path: string) => JSON.parse(readFileSync(exampleFile(path), 'utf8')) as Manifest
const files = readdirSync(exampleFile(''), { recursive: true, encoding: 'utf8' })
const examples = files.filter((name) => /^[^/]+\/package\.json$/.test(name)).map((name) => name.replace(/\/.*/, ''))

it.each(examples.filter((name) => !OF_THEIR_OWN.includes(name)))(
  'examples/%s installs what it is tested with',
  (name) => {
    const wanted = Object.entries(manifest(`${name}/package.json`).dependencies ?? {})
    const used = readFileSync(exampleFile(`${name}/${programOf(name)}`), 'utf8')
    expect(wanted.length).toBeGreaterThan(0)
    for (const [dependency, version] of wanted) {
      expect(used).toContain(`from '${dependency}`)
      const installed = new URL(`../node_modules/${dependency}/package.json`, `file://${exampleFile('')}`)
      expect(JSON.parse(readFileSync(installed, 'utf8'))).toMatchObject({ version })
    }
  },
)

function programOf(name: string): string {
  return readdirSync(exampleFile(name)).find((file) => file.endsWith('.js')) ?? ''
}
