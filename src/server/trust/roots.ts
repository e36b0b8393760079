import { hash } from 'node:crypto'
import type { WireHandler } from '../../protocol/wire.ts'

/** Who asks for a root key says of which deployment. */
export const ROOT_OF = 'x-keyspan-root-of'
/** Who is asked answers with its own name, and those under which its own root key is. */
export const ROOTS = 'x-keyspan-roots'

/** How many names are heard at most. */
const MOST = 32

/** The name of a deployment among roots: it tells nothing else of it. */
export function rootName(deployment: string): string {
  return hash('sha256', `keyspan/root/${deployment}`).slice(0, 32)
}

/** The names in an answer. */
export function readRoots(text: string | null): readonly string[] {
  return (text ?? '').split(',', MOST).filter((name) => /^[0-9a-f]{32}$/.test(name))
}

/** Tells who asks for a root key on what this server itself depends. @param roots those of its own root key */
export function tellRoots(deployment: string, roots: () => readonly string[]): (handle: WireHandler) => WireHandler {
  return (handle) => (request) => {
    if (request.headers[ROOT_OF] === undefined) return handle(request)
    return handle(request).then((response) => {
      const names = [rootName(deployment), ...roots()].join(',')
      return { ...response, headers: { ...response.headers, [ROOTS]: names } }
    })
  }
}
