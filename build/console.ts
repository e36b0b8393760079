/**
 * `npm run build:console`: makes the console's files from `console/` in `console/dist`. `npm ci` does it by itself, where
 * what builds it is installed.
 */
import { join } from 'node:path'

if (process.env['npm_lifecycle_event'] === 'prepare' && !isInstalled('vite')) {
  console.log('The console is not built: what builds it is left out with --omit=dev.')
} else {
  const { buildConsole } = await import('./build-console.ts')
  await buildConsole(join(import.meta.dirname, '..', 'console', 'dist'))
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}
