const DAY_MS = 86_400_000
/** The moment at which pages are written, for their readers. */
const WRITTEN = Date.parse('2026-11-28T12:00:00Z')

/** Makes what differs from run to run the same in all of them. */
export interface Steady {
  /** A text in which each id, key or secret has become a stand-in, always the same for the same one. */
  text(output: string): string
}

/**
 * Begins a page.
 *
 * @param start when its first command was run, in epoch milliseconds: moments are told by the days since
 * @param names texts of this run, such as its directory, and what stands for them in the page
 */
export function createSteady(start: number, names: Readonly<Record<string, string>>): Steady {
  const seen = new Map<string, Map<string, number>>()
  /** What stands for a value: it has the number of the value among those of its kind. */
  const numbered = (kind: string, make: (n: number, value: string) => string) => (value: string) => {
    const values = seen.get(kind) ?? new Map<string, number>()
    seen.set(kind, values)
    const n = values.get(value) ?? values.size + 1
    values.set(value, n)
    return make(n, value)
  }
  // Some moments are told in whole seconds.
  const begin = Math.floor(start / 1000) * 1000
  const moment = (value: number) => new Date(WRITTEN + Math.floor((value - begin) / DAY_MS) * DAY_MS).toISOString()
  const isOfRun = (value: number) => value > start - DAY_MS / 2
  const forms: readonly (readonly [RegExp, (found: string) => string])[] = [
    [/mrk-[0-9a-f]{32}/g, numbered('mrk', (n) => `mrk-${n}234abcd12ab34cd56ef1234567890ab`)],
    [
      /\b[0-9a-f]{4}(?:-[0-9a-f]{4}){15}\b/g,
      numbered(
        'fingerprint',
        (n) => `${n}c23-7476-b39f-8bc4-4e45-212e-0849-8fbe-3151-3050-3072-6c05-90dd-8d3e-9f3d-6a60`,
      ),
    ],
    [
      /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g,
      numbered('uuid', (n) => `${n}234abcd-12ab-34cd-56ef-1234567890ab`),
    ],
    [
      /\b[0-9a-f]{64}\b/g,
      numbered('hex', (n) => `${n}c237476b39f8bc44e45212e08498fbe3151305030726c0590dd8d3e9f3d6a60`),
    ],
    [
      /\b(?:AKIA|ASIA|AIDA|AROA|ANPA|AGPA)[A-Z0-9]{16,17}\b/g,
      numbered('principal', (n, value) => `${value.slice(0, 4)}EXAMPLE${n}`),
    ],
    [/\bp-[0-9a-z]{8,}\b/g, numbered('policy', (n) => `p-examplepolicy${n}`)],
    [/\bo-[0-9a-z]{10,}\b/g, numbered('organization', (n) => `o-exampleorg${n}`)],
    [/\br-[0-9a-z]{4,}\b/g, numbered('root', (n) => `r-exm${n}`)],
    [/(?<=^material\b.*|[Gg]rant )\b[0-9a-f]{12}\b/gm, numbered('short', (n) => `${n}c237476b39f`)],
    // Those of the documentation are of four equal digits each.
    [/\b(?!(\d)\1{3}(\d)\2{3}(\d)\3{3})\d{12}\b/g, numbered('account', (n) => `77778888999${n}`)],
    // Base64 of "example 1", and so on.
    [
      /(?<![\w/+.:-])(?=[\w/+]*[A-Z])(?=[\w/+]*[a-z])(?=[\w/+]*\d)[\w/+]{40,}={0,2}/g,
      numbered('base64', base64Example),
    ],
    [
      /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g,
      (found) => (isOfRun(Date.parse(found)) ? momentLike(found, moment(Date.parse(found))) : found),
    ],
    // The AWS CLI 1 prints seconds, and 2 what stands here.
    [/(?<=^\s+|: |\t)1[789]\d{8}(?:\.\d+)?\b/gm, (found) => `"${momentLike('+00:00', moment(Number(found) * 1000))}"`],
    [
      /\b\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?/g,
      (found) =>
        moment(Date.parse(`${found.replace(' ', 'T')}Z`))
          .replace('T', ' ')
          .slice(0, found.length),
    ],
    [/\b\d{4}-\d\d-\d\d\b(?![T ]\d)/g, (found) => dayOf(found, start)],
    [/\b\d+(?:\.\d+)? ms\b/g, () => '5 ms'],
    [/aws-cli\/\d[^"]*/g, () => 'aws-cli/2.31.0'],
  ]
  return {
    text: (output) => {
      const named = Object.entries(names).reduce((text, [name, stands]) => text.replaceAll(name, stands), output)
      return forms.reduce((text, [form, make]) => text.replaceAll(form, (found) => make(found)), named)
    },
  }
}

function base64Example(n: number): string {
  return Buffer.from(`example ${n}`).toString('base64')
}

/** A moment with as much detail as another was told with. */
function momentLike(found: string, moment: string): string {
  const [seconds = ''] = moment.split('.')
  return `${seconds}${found.includes('.') ? '.000' : ''}${found.endsWith('Z') ? 'Z' : '+00:00'}`
}

/** A day from that of the first command on; one before it is none of this run. */
function dayOf(found: string, start: number): string {
  const days = Math.floor(Date.parse(found) / DAY_MS) - Math.floor(start / DAY_MS)
  return days < 0 ? found : new Date(WRITTEN + days * DAY_MS).toISOString().slice(0, 10)
}

/** An output without the lines that a page leaves out by a line `...`: it keeps as many before and after as the page. */
export function shorten(printed: string, shown: string): string {
  const [before, after, ...more] = shown.split(/^\.\.\.$/m)
  if (after === undefined) return printed
  if (more.length > 0) throw new Error(`More than one "..." in one output:\n${shown}`)
  const lines = printed.split('\n')
  const [first, last] = [(before ?? '').split('\n').length - 1, after.split('\n').length - 1]
  if (lines.length <= first + last) return printed
  return [...lines.slice(0, first), '...', ...lines.slice(lines.length - last)].join('\n')
}
