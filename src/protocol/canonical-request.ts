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

/** A query string as SigV4 signs it: each part encoded in one way, sorted by name and then by value. */
export function canonicalQuery(query: string): string {
  if (query === '') return ''
  const pairs = query.split('&').map((pair) => {
    const equals = pair.indexOf('=')
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
    return [uriEncode(decode(name)), uriEncode(decode(value))] as const
  })
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

/** Text that is not well encoded is taken as it is: it then signs as something that no client has signed. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** RFC 3986: everything but unreserved characters is encoded, in upper-case hex. */
function uriEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
