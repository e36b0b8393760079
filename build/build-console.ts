import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build, type Plugin, type Rolldown } from 'vite'
import { noticeOf } from './notice.ts'

const ROOT = join(import.meta.dirname, '..', 'console')

/** Takes the fonts out of the design system's styles, where they stand as text. */
const withoutFonts = {
  name: 'without-fonts',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    return id.endsWith('global-styles/index.css') ? code.replaceAll(/@font-face\s*\{[^}]*\}/g, '') : null
  },
}

/** Parts of the design system that are drawn late or never, by their files, with the names that they are exported by. */
const LATE: Readonly<Record<string, string>> = {
  'app-layout/classic.js': 'default',
  'app-layout/visual-refresh-toolbar/index.js': 'default',
  'collection-preferences/content-display/index.js': 'default',
  'error-boundary/fallback.js': 'ErrorBoundaryFallback',
  'flashbar/collapsible-flashbar.js': 'default',
  'internal/components/sortable-area/index.js': 'default',
}
/** What they are called where they are imported. */
const LATE_NAMES = new Set(Object.keys(LATE).map((part) => basename(part.replace(/(?:\/index)?\.js$/, ''))))
const LATE_ID = '\0late:'

/** Has them loaded when they are first drawn, with the libraries that only they need: a fifth of the first load. */
const withLateParts: Plugin = {
  name: 'with-late-parts',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    const isLate = LATE_NAMES.has(basename(source)) && importer?.startsWith(LATE_ID) === false
    const found = isLate ? await this.resolve(source, importer, { ...options, skipSelf: true }) : null
    return found !== null && nameOfLate(found.id) !== undefined ? LATE_ID + found.id : null
  },
  load(id) {
    if (!id.startsWith(LATE_ID)) return null
    const path = id.slice(LATE_ID.length)
    const name = nameOfLate(path) ?? ''
    return [
      "import { createElement, lazy, Suspense } from 'react'",
      `const Late = lazy(async () => ({ default: (await import(${JSON.stringify(path)})).${name} }))`,
      'const late = (props) => createElement(Suspense, null, createElement(Late, props))',
      `export { late as ${name} }`,
    ].join('\n')
  },
}

function nameOfLate(path: string): string | undefined {
  const [, part = ''] = /@cloudscape-design\/components\/(.+)$/.exec(path) ?? []
  return LATE[part]
}

/** Makes the console's files in a directory, each compressed as well, and the licences of what is in them. */
export async function buildConsole(target: string): Promise<void> {
  const built = (await build({
    root: ROOT,
    base: '/console/',
    logLevel: 'warn',
    plugins: [react(), withoutFonts, withLateParts],
    build: {
      outDir: target,
      emptyOutDir: true,
      // Nothing is inlined: the page may load from its own server only, and fonts stay files.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
    },
  })) as Rolldown.RolldownOutput
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !/\.(?:js|css|html|svg)$/.test(path)) continue
    const bytes = readFileSync(path)
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }))
    writeFileSync(`${path}.br`, brotliCompressSync(bytes))
  }
  const ids = built.output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  const modules = ids.filter((id) => !id.startsWith(LATE_ID))
  // A font is no module.
  const fonts = join(ROOT, '..', 'node_modules', '@fontsource-variable', 'open-sans', 'index.css')
  writeFileSync(join(target, 'NOTICE'), noticeOf([...modules, fonts]))
}
