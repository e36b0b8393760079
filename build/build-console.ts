import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build, type Rolldown } from 'vite'
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

/** Makes the console's files in a directory, each compressed as well, and the licences of what is in them. */
export async function buildConsole(target: string): Promise<void> {
  const built = (await build({
    root: ROOT,
    base: '/console/',
    logLevel: 'warn',
    plugins: [react(), withoutFonts],
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
  const modules = built.output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  // A font is no module.
  const fonts = join(ROOT, '..', 'node_modules', '@fontsource-variable', 'open-sans', 'index.css')
  writeFileSync(join(target, 'NOTICE'), noticeOf([...modules, fonts]))
}
