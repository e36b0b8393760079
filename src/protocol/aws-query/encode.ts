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
  return text.replaceAll(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character)
}
