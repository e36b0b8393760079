import { PARTITION, type Region } from '../region.ts'
import type { Tag } from '../tags.ts'

/** Delivers what is recorded for an account to a bucket. Times are epoch milliseconds. */
export interface Trail {
  /** Unique among all trails that there ever were. */
  readonly id: string
  readonly account: string
  readonly homeRegion: Region
  readonly name: string
  readonly settings: TrailSettings
  /** Whether its selectors were ever put. */
  readonly isSelective: boolean
  readonly tags: readonly Tag[]
  /** When it was last started and last stopped; null where it never was. */
  readonly startedAt: number | null
  readonly stoppedAt: number | null
  /** What it has to deliver, the oldest first; the last one is open while it logs. */
  readonly stretches: readonly Stretch[]
}

/** What a trail delivers, and where to. */
export interface TrailSettings {
  readonly bucket: string
  /** Null for none. */
  readonly prefix: string | null
  readonly isMultiRegion: boolean
  /** Whether what belongs to no Region is delivered as well. */
  readonly includesGlobal: boolean
  /** Whether its files are listed in signed digests. */
  readonly isValidated: boolean
  readonly selectors: Selectors
}

/** A time during which a trail delivered with the same settings. */
export interface Stretch {
  readonly from: number
  /** Null while it goes on. */
  readonly to: number | null
  readonly settings: TrailSettings
}

/** Which events a trail delivers: those of any selector. */
export type Selectors =
  | { readonly kind: 'basic'; readonly list: readonly BasicSelector[] }
  | { readonly kind: 'advanced'; readonly list: readonly AdvancedSelector[] }

/** Management events, by few properties. Data events are kept as they were asked for: no service here has any. */
export interface BasicSelector {
  readonly access: 'All' | 'ReadOnly' | 'WriteOnly'
  readonly hasManagement: boolean
  readonly excludedSources: readonly string[]
  readonly data: readonly { readonly type: string; readonly values: readonly string[] }[]
}

/** Events whose fields all fit. */
export interface AdvancedSelector {
  readonly name: string | null
  readonly fields: readonly FieldSelector[]
}

export const FIELD_OPERATORS = [
  'Equals',
  'StartsWith',
  'EndsWith',
  'NotEquals',
  'NotStartsWith',
  'NotEndsWith',
] as const

/** What a field of an event must be. It fits where one of the values does, or none for a `Not`, for each operator. */
export interface FieldSelector {
  readonly field: string
  readonly tests: { readonly [Operator in (typeof FIELD_OPERATORS)[number]]?: readonly string[] | undefined }
}

/** What of a management event decides whether a trail delivers it. */
export interface TrailEvent {
  /** In seconds since 1970. */
  readonly time: number
  /** The Region in which it is shown. */
  readonly region: Region
  /** Whether it belongs to no Region. */
  readonly isGlobal: boolean
  readonly eventSource: string
  readonly readOnly: boolean
}

/** What a trail has unless it is told otherwise. */
export const ALL_MANAGEMENT_EVENTS: Selectors = {
  kind: 'basic',
  list: [{ access: 'All', hasManagement: true, excludedSources: [], data: [] }],
}

/** The ARN of a trail. */
export function trailArn({ account, homeRegion, name }: Pick<Trail, 'account' | 'homeRegion' | 'name'>): string {
  return `arn:${PARTITION}:cloudtrail:${homeRegion}:${account}:trail/${name}`
}

/** The name under which a trail is filed. */
export function trailFile({ homeRegion, name }: Pick<Trail, 'homeRegion' | 'name'>): string {
  return `${homeRegion}/${name}`
}

/** Says whether a trail logs now. */
export function isLogging({ stretches }: Trail): boolean {
  return stretches.at(-1)?.to === null
}

/** Says whether a trail is seen in a Region: its home, and all others where it is a multi-Region trail. */
export function isSeenIn({ homeRegion, settings }: Trail, region: Region): boolean {
  return homeRegion === region || settings.isMultiRegion
}

/** The trail once it logs. */
export function startTrail(trail: Trail, now: number): Trail {
  if (isLogging(trail)) return trail
  const stretches = [...trail.stretches, { from: now, to: null, settings: trail.settings }]
  return { ...trail, startedAt: now, stretches }
}

/** The trail once it logs no more. What was recorded before is still delivered. */
export function stopTrail(trail: Trail, now: number): Trail {
  if (!isLogging(trail)) return trail
  const stretches = trail.stretches.map((each) => (each.to === null ? { ...each, to: now } : each))
  return { ...trail, stoppedAt: now, stretches }
}

/** The trail with other settings. What was recorded before is delivered as it was asked for then. */
export function changeTrail(trail: Trail, changes: Partial<TrailSettings>, now: number): Trail {
  const settings = { ...trail.settings, ...changes }
  if (!isLogging(trail)) return { ...trail, settings }
  const ended = trail.stretches.map((each) => (each.to === null ? { ...each, to: now } : each))
  return { ...trail, settings, stretches: [...ended, { from: now, to: null, settings }] }
}

/** The stretch in which a trail delivers an event of its account; null where it does not. */
export function stretchOf({ homeRegion, stretches }: Trail, event: TrailEvent): Stretch | null {
  // Of a second in which a trail was changed, each event is delivered that was asked for before or after.
  return stretches.find((each) => isWithin(each, event.time) && isDelivered(each.settings, homeRegion, event)) ?? null
}

function isWithin({ from, to }: Stretch, time: number): boolean {
  return Math.floor(from / 1000) <= time && (to === null || time <= Math.floor(to / 1000))
}

function isDelivered(settings: TrailSettings, homeRegion: Region, event: TrailEvent): boolean {
  if (event.isGlobal && !settings.includesGlobal) return false
  if (!settings.isMultiRegion && event.region !== homeRegion) return false
  return isSelected(settings.selectors, event)
}

function isSelected(selectors: Selectors, event: TrailEvent): boolean {
  return selectors.kind === 'basic'
    ? selectors.list.some((each) => fitsBasic(each, event))
    : selectors.list.some(({ fields }) => fields.every((each) => fitsField(each, event)))
}

function fitsBasic({ access, hasManagement, excludedSources }: BasicSelector, event: TrailEvent): boolean {
  if (!hasManagement || excludedSources.includes(event.eventSource)) return false
  return access === 'All' || (access === 'ReadOnly') === event.readOnly
}

function fitsField({ field, tests }: FieldSelector, event: TrailEvent): boolean {
  const fields = { eventCategory: 'Management', eventSource: event.eventSource, readOnly: String(event.readOnly) }
  const value = Object.entries(fields).find(([name]) => name === field)?.[1]
  return (
    value !== undefined &&
    (tests.Equals?.includes(value) ?? true) &&
    (tests.StartsWith?.some((each) => value.startsWith(each)) ?? true) &&
    (tests.EndsWith?.some((each) => value.endsWith(each)) ?? true) &&
    !(tests.NotEquals?.includes(value) ?? false) &&
    !(tests.NotStartsWith?.some((each) => value.startsWith(each)) ?? false) &&
    !(tests.NotEndsWith?.some((each) => value.endsWith(each)) ?? false)
  )
}
