import { setFlagsFromString } from 'node:v8'

/** How much the heap may grow before it is collected, as a percentage of what was in use after the last time. */
const GROWTH_PERCENT = 30

/**
 * Has V8 collect its old generation sooner. V8 alone lets a small one grow to four times what is in use, and all that
 * OpenSSL and SQLite hold for it.
 */
export function collectEarly(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}
