/**
 * `npm run sbom`: prints what Keyspan is made of, in CycloneDX. What npm itself leaves out with `--omit=dev` is more than
 * it should be: also what only happens to be needed by a tool too.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Component {
  name: string
  readonly 'bom-ref': string
  readonly properties?: readonly { readonly name: string; readonly value: string }[]
}

interface Bom {
  readonly metadata: { readonly component: Component }
  components: readonly Component[]
  dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const ROOT = join(import.meta.dirname, '..')
const MAX_BYTES = 64 * 1024 * 1024

const text = execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: MAX_BYTES,
})
const bom = JSON.parse(text) as Bom
bom.components = bom.components.filter(({ properties = [] }) => !properties.some(isForDevelopment))
const refs = new Set([bom.metadata.component, ...bom.components].map((component) => component['bom-ref']))
bom.dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }))
// npm calls it as the directory is called.
bom.metadata.component.name = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { name: string }).name
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`)

function isForDevelopment({ name, value }: { name: string; value: string }): boolean {
  return name === 'cdx:npm:package:development' && value === 'true'
}
