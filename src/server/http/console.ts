import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { WireRequest, WireResponse } from '../../protocol/wire.ts'

/** The pages of the console, as whoever asks gets them. */
export interface Console {
  answer(request: WireRequest): Promise<WireResponse>
}

/** Credentials for the token of a link; null where it is of none. */
export type SignInByLink = (token: string) => Promise<object | null>

/** Where the page exchanges the token of a link. */
const SIGN_IN = '/console/session'

/** Says whether a request is for the console. */
export function isForConsole({ method, path }: WireRequest): boolean {
  if (path === SIGN_IN) return method === 'POST'
  return (method === 'GET' || method === 'HEAD') && (path === '/console' || path.startsWith('/console/'))
}

/** Where its files are: beside the bundle, or where the sources build them. */
const DIRECTORY = new URL(import.meta.url.endsWith('.ts') ? '../../../console/dist' : './console', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** A page may load from this server only, run nothing that is written in it, and be in no frame. */
const GUARD = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** How a file is sent to whoever takes it so, the smallest first. */
const ENCODINGS = ['br', 'gzip'] as const
const SUFFIXES = { br: '.br', gzip: '.gz' } as const

interface PageFile {
  readonly type: string
  readonly tag: string
  readonly bytes: Buffer
  readonly encoded: Readonly<Partial<Record<(typeof ENCODINGS)[number], Buffer>>>
}

/** The console. Its files are read when the first is asked for, and stay in memory. */
export function createConsole(signIn: SignInByLink, directory = fileURLToPath(DIRECTORY)): Console {
  let files: ReadonlyMap<string, PageFile> | null = null
  return {
    async answer(request) {
      if (request.path === SIGN_IN) return answerSignIn(request, signIn)
      files ??= readFiles(directory)
      if (files.size === 0) return missing('The console was not built. Build it: npm run build:console')
      const name = request.path.replace(/^\/console\/?/, '')
      const file = files.get(name)
      if (file !== undefined) return send(file, request, name.startsWith('assets/'))
      // Every address without an ending is a page, and the pages are one file.
      const page = files.get('index.html')
      return page === undefined || /\.\w+$/.test(name) ? missing('There is no such file.') : send(page, request, false)
    },
  }
}

/** Only the console's own page may ask: what another page sends has that page's origin. */
async function answerSignIn({ headers, body, secure }: WireRequest, signIn: SignInByLink): Promise<WireResponse> {
  const own = `${secure ? 'https' : 'http'}://${headers['host'] ?? ''}`
  if (headers['origin'] !== own) return refuseSignIn(403, 'Only the console itself may ask for this.')
  const credentials = body.length > MAX_TOKEN_BYTES ? null : await signIn(body.toString())
  if (credentials === null) {
    return refuseSignIn(403, 'The link was used, or is older than a minute. Another one: keyspan console')
  }
  return json(200, credentials)
}

/** More than any token has. */
const MAX_TOKEN_BYTES = 128

function refuseSignIn(status: number, message: string): WireResponse {
  return json(status, { message })
}

function json(status: number, content: object): WireResponse {
  const headers = { ...GUARD, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  return { status, headers, body: JSON.stringify(content) }
}

function send(file: PageFile, { headers, method }: WireRequest, isForever: boolean): WireResponse {
  const common = {
    ...GUARD,
    // The name of an asset has its hash.
    'Cache-Control': isForever ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: file.tag,
    Vary: 'Accept-Encoding',
  }
  if (headers['if-none-match'] === file.tag) return { status: 304, headers: common, body: '' }
  const taken = (headers['accept-encoding'] ?? '').split(',').map((each) => each.split(';')[0]?.trim())
  const encoding = ENCODINGS.find((each) => taken.includes(each) && file.encoded[each] !== undefined)
  const bytes = (encoding === undefined ? undefined : file.encoded[encoding]) ?? file.bytes
  return {
    status: 200,
    headers: { ...common, 'Content-Type': file.type, ...(encoding !== undefined && { 'Content-Encoding': encoding }) },
    body: method === 'HEAD' ? '' : bytes,
  }
}

function missing(text: string): WireResponse {
  return { status: 404, headers: { ...GUARD, 'Content-Type': 'text/plain; charset=utf-8' }, body: text }
}

/** Only what is here is ever sent: a path is a name in this table, and nothing else. */
function readFiles(directory: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  const paths = listFiles(directory)
  for (const path of paths) {
    const type = TYPES[/\.(\w+)$/.exec(path)?.[1] ?? '']
    if (type === undefined) continue
    const bytes = readFileSync(path)
    const encoded = Object.fromEntries(
      ENCODINGS.filter((each) => paths.includes(path + SUFFIXES[each])).map((each) => [
        each,
        readFileSync(path + SUFFIXES[each]),
      ]),
    )
    const name = relative(directory, path).replaceAll(sep, '/')
    files.set(name, { type, bytes, encoded, tag: `"${hash('sha256', bytes, 'base64url')}"` })
  }
  return files
}

function listFiles(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}
