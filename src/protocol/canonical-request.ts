/**
 * A path as SigV4 signs it for every service but S3: without empty, `.` and `..` segments, and encoded once more.
 *
 * @param path as it came, encoded once
 */
export function canonicalPath(path: string): string {
  if (path === '/' || path === '') return '/'
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') segments.pop()
    else segments.push(segment)
  }
  const end = path.endsWith('/') && segments.length > 0 ? '/' : ''
  return `/${segments.map(uriEncode).join('/')}${end}`
}

/**
 * A query string as SigV4 signs it: each part encoded in one way, sorted by name and then by value. Null where a part
 * is not well encoded.
 *
 * SECURITY: whatever two queries have in common here must be read as one meaning behind it too. So a plus is the space
 * that the reader of a form takes it for, and what is no UTF-8, which that reader would quietly replace, is refused.
 */
export function canonicalQuery(query: string): string | null {
  if (query === '') return ''
  const pairs: (readonly [string, string])[] = []
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    if (name === null || value === null) return null
    pairs.push([uriEncode(name), uriEncode(value)])
  }
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

/** RFC 3986: everything but unreserved characters is encoded, in upper-case hex. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
