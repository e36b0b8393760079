/** What a value is of. The values of a label are few, and known beforehand. */
export type Labels = Readonly<Record<string, string>>

/** One value; that of a counter or gauge has no suffix. */
export interface Sample {
  readonly suffix?: '_bucket' | '_sum' | '_count'
  readonly labels: Labels
  readonly value: number
}

/** All values of one name. */
export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}

/** The values in Prometheus' text format, version 0.0.4. A family without values is left out. */
export function metricsText(families: readonly Family[]): string {
  const parts = families.filter(({ samples }) => samples.length > 0)
  return parts.map(familyText).join('')
}

function familyText({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelsText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** A gauge of one value, or of one for each of several labels. */
export function gauge(name: string, help: string, value: number | readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples: samplesOf(value) }
}

/** A count that somebody else keeps. */
export function total(name: string, help: string, value: number | readonly Sample[]): Family {
  return { name, type: 'counter', help, samples: samplesOf(value) }
}

function samplesOf(value: number | readonly Sample[]): readonly Sample[] {
  return typeof value === 'number' ? [{ labels: {}, value }] : value
}

/** A count for each of several labels. */
export interface Counter<Name extends string> {
  add(labels: Readonly<Record<Name, string>>): void
  family(): Family
}

/** A counter whose labels have these names. */
export function createCounter<Name extends string>(
  name: string,
  help: string,
  labelNames: readonly Name[],
): Counter<Name> {
  const counts = new Map<string, { readonly labels: Labels; value: number }>()
  return {
    add(labels) {
      const key = keyOf(labels, labelNames)
      const found = counts.get(key)
      if (found === undefined) counts.set(key, { labels: { ...labels }, value: 1 })
      else found.value += 1
    },
    family: () => ({ name, type: 'counter', help, samples: [...counts.values()].map((each) => ({ ...each })) }),
  }
}

/** How often something took how long, for each of several labels. */
export interface Histogram<Name extends string> {
  /** @param seconds what has been measured */
  observe(labels: Readonly<Record<Name, string>>, seconds: number): void
  family(): Family
}

interface Distribution {
  readonly labels: Labels
  /** How many fell into each bucket and no smaller one; the last is of those that are in none. */
  readonly counts: number[]
  sum: number
}

/**
 * A histogram whose labels have these names.
 *
 * @param bounds the largest value of each bucket, in seconds, ascending
 */
export function createHistogram<Name extends string>(
  name: string,
  help: string,
  labelNames: readonly Name[],
  bounds: readonly number[],
): Histogram<Name> {
  const all = new Map<string, Distribution>()
  return {
    observe(labels, seconds) {
      const key = keyOf(labels, labelNames)
      let found = all.get(key)
      if (found === undefined) {
        found = { labels: { ...labels }, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
        all.set(key, found)
      }
      let bucket = 0
      while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1
      found.counts[bucket] = (found.counts[bucket] ?? 0) + 1
      found.sum += seconds
    },
    family: () => ({
      name,
      type: 'histogram',
      help,
      samples: [...all.values()].flatMap((each) => distributionSamples(each, bounds)),
    }),
  }
}

function distributionSamples({ labels, counts, sum }: Distribution, bounds: readonly number[]): readonly Sample[] {
  let count = 0
  const buckets = counts.map((each, index): Sample => {
    count += each
    const bound = bounds[index]
    return { suffix: '_bucket', labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, value: count }
  })
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }]
}

function keyOf<Name extends string>(labels: Readonly<Record<Name, string>>, names: readonly Name[]): string {
  let key = ''
  for (const name of names) key += `${labels[name]}\0`
  return key
}
