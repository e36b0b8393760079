const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** A hundred years, in milliseconds: far enough for every window and period that there is. */
export const LONGEST = 36_525 * UNITS.d

/** Reads a duration such as `30d`, `12h`, `5m` or `90s`, in milliseconds; null where it is none. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) return null
  const milliseconds = Number(amount) * UNITS[unit as keyof typeof UNITS]
  return milliseconds > 0 && milliseconds <= LONGEST ? milliseconds : null
}

/** A duration in its largest unit that leaves no rest: `90s`, `2m`; of less than seconds, what is below them is dropped. */
export function durationText(milliseconds: number): string {
  const fits = Object.entries(UNITS).findLast(([, unit]) => milliseconds >= unit && milliseconds % unit === 0)
  const [unit, length] = fits ?? ['s', UNITS.s]
  return `${Math.floor(milliseconds / length)}${unit}`
}
