import { createContext, Script } from 'node:vm'
import { ValidationError } from './errors.ts'

/** How long a pattern may take that is not counted, in milliseconds: most of it is what watching it costs. */
const ONE_PATTERN = 5
/** How much longer all patterns of one request may take together, in milliseconds. A hostile one would never end. */
const ALL_PATTERNS = 200

const MATCH = new Script('new RegExp(pattern).test(text)')

/** Matches whole texts against the patterns of a template. */
export type Matcher = (pattern: string, text: string, of: string) => boolean

/**
 * A matcher for the patterns of one request, which stops the one that takes too long.
 *
 * @throws ValidationError (the matcher) where a pattern is none, or time is up
 */
export function createMatcher(): Matcher {
  const place: { pattern?: string; text?: string } = {}
  let context: object | null = null
  let left = ALL_PATTERNS
  return (pattern, text, of) => {
    context ??= createContext(place)
    Object.assign(place, { pattern: `^(?:${pattern})$`, text })
    const start = performance.now()
    try {
      return MATCH.runInContext(context, { timeout: Math.max(1, Math.ceil(left)) })
    } catch (error) {
      throw ValidationError(
        isTimeout(error)
          ? `Template validation error: AllowedPattern of parameter ${of} takes too long to match. Simplify it.`
          : `Template validation error: AllowedPattern of parameter ${of} is not a valid regular expression: ${pattern}`,
      )
    } finally {
      left -= Math.max(0, performance.now() - start - ONE_PATTERN)
    }
  }
}

/** The error may come from the context in which the pattern was tried, whose `Error` is another. */
function isTimeout(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
