/** A chart as SVG: lines over a logarithmic or plain axis, which can be read in light and in dark. */

/** One line of a chart: its points are in the order of x. */
export interface Line {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** What a chart shows. */
export interface Chart {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: readonly Line[]
  /** Whether x goes by factors. */
  readonly isLogarithmic?: boolean
}

const WIDTH = 640
const HEIGHT = 320
const EDGE = { left: 64, right: 150, top: 36, bottom: 44 }
const COLORS = ['#0972d3', '#d45b07', '#037f0c', '#8456ce', '#b0084d']
const TICKS = 5
/** How much is left free above the highest point, at least. */
const HEADROOM = 1.02
/** How far apart numbers below the axis are, at least. */
const APART = 30

/** Draws a chart; every y begins at 0. */
export function drawChart({ title, x, y, lines, isLogarithmic = false }: Chart): string {
  const scaled = (value: number) => (isLogarithmic ? Math.log10(Math.max(value, 1)) : value)
  const points = lines.flatMap((line) => line.points)
  const xs = [...new Set(points.map((point) => point.x))].toSorted((a, b) => a - b)
  const [least, most] = [scaled(xs[0] ?? 0), scaled(xs.at(-1) ?? 1)]
  const ticks = ticksTo(Math.max(...points.map((point) => point.y), 0) * HEADROOM || 1)
  const top = ticks.at(-1) ?? 1
  const right = WIDTH - EDGE.right
  const bottom = HEIGHT - EDGE.bottom
  const atX = (value: number) => EDGE.left + ((scaled(value) - least) / (most - least || 1)) * (right - EDGE.left)
  const atY = (value: number) => bottom - (value / top) * (bottom - EDGE.top)
  const text = (at: readonly [number, number], words: string, anchor = 'middle', more = '') =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}"${more}>${escaped(words)}</text>`
  const grid = ticks.map(
    (value) =>
      `<line x1="${EDGE.left}" x2="${right}" y1="${atY(value).toFixed(1)}" y2="${atY(value).toFixed(1)}" class="grid"/>` +
      text([EDGE.left - 6, atY(value) + 4], short(value), 'end'),
  )
  const below = apart(xs, atX).map((value) => text([atX(value), bottom + 16], short(value)))
  const drawn = lines.map((line, n) => {
    const color = COLORS[n % COLORS.length] ?? ''
    const path = line.points.map((point) => `${atX(point.x).toFixed(1)},${atY(point.y).toFixed(1)}`).join(' ')
    const dots = line.points.map(
      (point) => `<circle cx="${atX(point.x).toFixed(1)}" cy="${atY(point.y).toFixed(1)}" r="3" fill="${color}"/>`,
    )
    const label = text(
      [right + 14, EDGE.top + 14 + 18 * n],
      line.name,
      'start',
      ` style="fill:${color}" font-weight="600"`,
    )
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}${label}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<style>text{fill:#5f6368}.grid{stroke:#8c8c9433}@media(prefers-color-scheme:dark){text{fill:#b6bac3}}</style>',
    text([EDGE.left, 18], title, 'start', ' font-size="14" font-weight="600"'),
    ...grid,
    ...below,
    text([(EDGE.left + right) / 2, HEIGHT - 8], x),
    text([EDGE.left, EDGE.top - 6], y, 'start'),
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

/** Round numbers from 0 to one that is no less: five or so. */
function ticksTo(most: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(most / TICKS))
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= most / TICKS) ?? 10)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, n) => n * step)
}

/** Those that can be told below the axis without covering each other. The last is one of them. */
function apart(xs: readonly number[], atX: (value: number) => number): readonly number[] {
  const shown: number[] = []
  for (const value of xs.toReversed()) {
    if (shown.every((other) => Math.abs(atX(other) - atX(value)) >= APART)) shown.push(value)
  }
  return shown
}

/** A number as short as it is told: 1,000 is 1k. */
function short(value: number): string {
  if (value >= 1e6) return `${round(value / 1e6)}M`
  if (value >= 1e3) return `${round(value / 1e3)}k`
  return round(value)
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
