import { createContext, Script } from 'node:vm'
import { ValidationError } from './errors.ts'

/** How long all patterns of one request may take together, in milliseconds: a few are cheap, and a hostile one never ends. */
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
      left -= performance.now() - start
    }
  }
}

/** The error may come from the context in which the pattern was tried, whose `Error` is another. */
function isTimeout(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
