/**
 * `npm run build:console`: makes the console's files from `console/` in `console/dist`. `npm ci` does it by itself.
 */
import { join } from 'node:path'
import { buildConsole } from './build-console.ts'

await buildConsole(join(import.meta.dirname, '..', 'console', 'dist'))
