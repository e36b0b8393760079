import type { Output } from '../aws-json/encode.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A parser would read it as a line feed (XML 1.0, 2.11).
  '\r': '&#xD;',
}

/** What XML 1.0 cannot hold, not even as a reference (2.2): one such character, and no client reads the answer. */
// oxlint-disable-next-line no-control-regex
const NO_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g

/** Writes an answer in XML. */
export function encodeResponse(
  action: string,
  namespace: string,
  output: Output | undefined,
  requestId: string,
): string {
  const result = element(`${action}Result`, output ?? {})
  const metadata = element('ResponseMetadata', { RequestId: requestId })
  return `<${action}Response xmlns="${namespace}">${result}${metadata}</${action}Response>\n`
}

/** One element: lists have an element `member` for each item, maps an `entry`; times are in ISO 8601, in seconds. */
export function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (value instanceof Date) return wrap(name, value.toISOString().replace(/\.\d{3}Z$/, 'Z'))
  if (Array.isArray(value)) return wrap(name, value.map((item) => element('member', item)).join(''))
  if (value instanceof Uint8Array) return wrap(name, Buffer.from(value).toString('base64'))
  if (value instanceof Map) {
    return wrap(name, [...value].map(([key, part]) => element('entry', { key, value: part })).join(''))
  }
  if (typeof value === 'object') {
    return wrap(
      name,
      Object.entries(value)
        .map(([member, part]) => element(member, part))
        .join(''),
    )
  }
  return wrap(name, escape(textOf(value)))
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new TypeError(`A ${typeof value} has no form in XML.`)
}

function wrap(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(NO_XML, '\uFFFD')
    .replaceAll(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character)
}
