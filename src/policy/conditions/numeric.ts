import type { Matcher } from '../patterns/match.ts'
import { compileOrdered } from './compare.ts'
import type { Operator } from './operator.ts'

/** Reads a decimal number, as `365`, `1546257599.0` or `-1.5e3`. */
export function readNumber(text: string): number | undefined {
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

/** `NumericEquals`, `NumericLessThan` and their kin: decimal numbers in double precision. */
export function compileNumeric(values: readonly string[], operator: Operator): Matcher {
  return compileOrdered(values, operator, readNumber)
}
