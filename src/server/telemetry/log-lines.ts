import type { LogLine } from './otlp.ts'

type Scalar = string | number | boolean

/** What every line has that says nothing. */
const COMMON: readonly string[] = ['level', 'time', 'msg', 'pid', 'hostname', 'err']

/** Reads a line as pino writes it; null where it is none. */
export function parseLine(line: string): LogLine | null {
  let content: Readonly<Record<string, unknown>>
  try {
    content = JSON.parse(line) as typeof content
  } catch {
    return null
  }
  const { time, level, msg } = content
  const more = Object.entries(content).filter((entry): entry is [string, Scalar] => {
    const [name, value] = entry
    return !COMMON.includes(name) && ['string', 'number', 'boolean'].includes(typeof value)
  })
  const attributes = { ...Object.fromEntries(more), ...exceptionOf(content['err']) }
  return { time: Number(time), level: Number(level), text: String(msg), attributes }
}

/** An error by the names that OpenTelemetry has for its parts. */
function exceptionOf(error: unknown): Readonly<Record<string, Scalar>> {
  if (error === null || typeof error !== 'object') return {}
  const { type, message, stack } = error as Readonly<Record<string, unknown>>
  return {
    'exception.type': String(type),
    'exception.message': String(message),
    'exception.stacktrace': String(stack),
  }
}
