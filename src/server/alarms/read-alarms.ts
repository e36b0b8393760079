import { createSecretKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { DAY_MS } from '../../domain/limits.ts'
import { parseDuration } from '../../domain/duration.ts'
import { ConfigError } from '../config/config-error.ts'
import { reasonOf } from '../system-errors.ts'
import { PatternError } from './pattern.ts'
import { READY_MADE } from './ready-made.ts'
import { createRule, type Rule } from './rule.ts'

/** Where alarms go: how each target is told, and how long it is tried. */
export interface Target {
  readonly name: string
  /** How long one try takes at most, in milliseconds. */
  readonly timeout: number
  /** How long an event is tried again, in milliseconds. */
  readonly giveUpAfter: number
  readonly to: Webhook | Program | { readonly kind: 'log' }
}

/** An HTTP endpoint. */
export interface Webhook {
  readonly kind: 'webhook'
  readonly url: URL
  /** Each gives a signature: the old one and the new one, while it is changed. */
  readonly secrets: readonly KeyObject[]
}

/** A program that is run for each event. */
export interface Program {
  readonly kind: 'command'
  readonly file: string
  readonly args: readonly string[]
}

/** What alarms there are, and where they go. */
export interface Alarms {
  readonly rules: readonly Rule[]
  /** Those that a rule names. */
  readonly targets: readonly Target[]
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/
const TIMEOUT_MS = 10_000
const LONGEST_TIMEOUT_MS = 60_000
const GIVE_UP_AFTER_MS = 3 * DAY_MS

/** The target that needs not be named: the log of the server. */
const LOG: Target = { name: 'log', timeout: TIMEOUT_MS, giveUpAfter: GIVE_UP_AFTER_MS, to: { kind: 'log' } }

const name = z.string().regex(NAME, 'a name has small letters, digits and hyphens, 64 at most')
const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text)
  if (milliseconds !== null) return milliseconds
  context.addIssue(`"${text}" is no duration: give a number and a unit, such as 30d, 12h, 5m or 90s`)
  return z.NEVER
})
/** A name, or a list of them. */
const names = z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)], {
  error: 'give a name, or a list of names',
})

const ruleShape = z.strictObject({
  name,
  when: names.optional(),
  pattern: z.unknown().optional(),
  reads: z.boolean().default(false),
  count: z.number().int().min(2).max(1_000_000).optional(),
  within: duration.optional(),
  to: names,
})

const secretShape = z.union([z.strictObject({ file: z.string() }), z.strictObject({ env: z.string() })], {
  error: 'a secret is {"file": "..."} or {"env": "..."}: it stands in a file or an environment variable, never here',
})

const targetShape = z.strictObject({
  name,
  url: z.string().optional(),
  secrets: z.array(secretShape).min(1).max(5).optional(),
  insecure: z.boolean().default(false),
  command: z.array(z.string()).min(1).optional(),
  timeout: duration.default(TIMEOUT_MS),
  'give-up-after': duration.default(GIVE_UP_AFTER_MS),
})

/** Refuses what is wrong at a place in the configuration. */
type Refuse = (path: readonly PropertyKey[], message: string) => never

/**
 * Reads the alarms of a configuration file, and the secrets that they name.
 *
 * @throws ConfigError with the place and the value
 */
export function readAlarms(
  given: { readonly alarms: unknown; readonly targets: unknown },
  env: NodeJS.ProcessEnv,
): Alarms {
  const parsedTargets = parse('alarm-targets', z.array(targetShape), given.targets)
  const declared = parsedTargets.map((each, number) => readTarget(each, refuseAt('alarm-targets', number), env))
  const targets = new Map([LOG, ...declared].map((target) => [target.name, target]))
  refuseTwice(
    'alarm-targets',
    [LOG, ...declared].map((each) => each.name),
  )
  const rules = parse('alarms', z.array(ruleShape), given.alarms).map((each, number) =>
    readRule(each, [...targets.keys()], refuseAt('alarms', number)),
  )
  refuseTwice(
    'alarms',
    rules.map((rule) => rule.name),
  )
  const named = new Set(rules.flatMap(({ to }) => to))
  const idle = declared.find((target) => !named.has(target.name))
  if (idle !== undefined)
    throw new ConfigError(`No alarm goes "to" the target "${idle.name}". Name it in one, or take it away.`)
  return { rules, targets: [...targets.values()].filter((target) => named.has(target.name)) }
}

function parse<Shape extends z.ZodType>(setting: string, shape: Shape, given: unknown): z.infer<Shape> {
  const { data, error } = shape.safeParse(given)
  if (error === undefined) return data
  const [issue] = error.issues
  throw wrong([setting, ...(issue?.path ?? [])], issue?.message ?? 'it cannot be read')
}

function refuseAt(setting: string, number: number): Refuse {
  return (path, message) => {
    throw wrong([setting, number, ...path], message)
  }
}

function wrong(path: readonly PropertyKey[], message: string): ConfigError {
  const [first = '', ...others] = path
  const place = others.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return new ConfigError(`${String(first)}${place} in the configuration file: ${message.replace(/\.$/, '')}.`)
}

function refuseTwice(setting: string, all: readonly string[]): void {
  const twice = all.find((each, number) => all.indexOf(each) !== number)
  if (twice === undefined) return
  const why =
    twice === LOG.name && setting === 'alarm-targets'
      ? 'it is always there, and is the log of the server'
      : 'a name is given once'
  throw new ConfigError(`${setting} in the configuration file has "${twice}" twice: ${why}.`)
}

function readRule(
  { name: own, when, pattern, reads, count, within, to }: z.infer<typeof ruleShape>,
  targets: readonly string[],
  refuse: Refuse,
): Rule {
  if ((when === undefined) === (pattern === undefined)) refuse([], 'give either "when" or "pattern"')
  const unknownTarget = to.find((each) => !targets.includes(each))
  if (unknownTarget !== undefined) refuse(['to'], `"${unknownTarget}" is no target; there are ${targets.join(', ')}`)
  const unknown = when?.find((each) => !Object.hasOwn(READY_MADE, each))
  if (unknown !== undefined) {
    refuse(['when'], `"${unknown}" is no alarm; there are ${Object.keys(READY_MADE).join(', ')}`)
  }
  if (reads && when !== undefined)
    refuse(['reads'], 'it goes with a pattern only: a ready-made alarm knows what it needs')
  requireCounted({ when, pattern, count, within }, refuse)
  try {
    return createRule({ name: own, when, pattern, reads, count, within, to: [...new Set(to)] })
  } catch (error) {
    if (error instanceof PatternError) return refuse(['pattern', ...error.path], error.message)
    throw error
  }
}

/** `count` and `within` belong together, but where a ready-made alarm has one of them already. */
function requireCounted(
  { when, count, within }: Pick<z.infer<typeof ruleShape>, 'when' | 'pattern' | 'count' | 'within'>,
  refuse: Refuse,
): void {
  const ready = (when ?? []).flatMap((each) => READY_MADE[each] ?? [])
  const isAhead = ready.some(({ ahead }) => ahead !== undefined)
  const isFlood = ready.some(({ flood }) => flood !== undefined)
  if (ready.length > 1 && (isAhead || isFlood)) {
    refuse(['when'], 'what counts, or looks ahead, is an alarm of its own: name it alone')
  }
  if (isAhead && count !== undefined) refuse(['count'], 'it has no meaning for what has not happened yet')
  if (!isAhead && !isFlood && (count === undefined) !== (within === undefined)) {
    refuse([count === undefined ? 'within' : 'count'], '"count" and "within" belong together: give both, or neither')
  }
}

function readTarget(
  { name: own, url, secrets, insecure, command, timeout, 'give-up-after': giveUpAfter }: z.infer<typeof targetShape>,
  refuse: Refuse,
  env: NodeJS.ProcessEnv,
): Target {
  if ((url === undefined) === (command === undefined)) refuse([], 'give either "url" or "command"')
  if (timeout > LONGEST_TIMEOUT_MS) refuse(['timeout'], 'a try takes 60s at most')
  const common = { name: own, timeout, giveUpAfter }
  if (command !== undefined) {
    if (secrets !== undefined || insecure) refuse([], '"secrets" and "insecure" go with a "url" only')
    const [file = '', ...args] = command
    if (!isAbsolute(file)) refuse(['command', 0], `"${file}" is no absolute path: no shell looks for it`)
    return { ...common, to: { kind: 'command', file, args } }
  }
  if (secrets === undefined)
    refuse([], 'a "url" needs "secrets": without a signature its receiver could be told anything')
  const keys = (secrets ?? []).map((secret, number) =>
    readSecret(secret, (message) => refuse(['secrets', number], message), env),
  )
  return {
    ...common,
    to: { kind: 'webhook', url: readUrl(url ?? '', insecure, (message) => refuse(['url'], message)), secrets: keys },
  }
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

function readUrl(text: string, insecure: boolean, refuse: (message: string) => never): URL {
  if (!URL.canParse(text)) refuse('it is no URL: give one such as https://alarms.example.com/keyspan')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse(`${url.protocol} is neither https: nor http:`)
  if (url.username !== '' || url.password !== '')
    refuse('it has a user or a password in it: the signature says who sends')
  if (url.protocol === 'http:' && !insecure && !LOOPBACK.test(url.hostname)) {
    refuse(`${url.origin} is not encrypted on its way: give an https: URL, or say "insecure": true`)
  }
  return url
}

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/
/** What a secret has at least and at most, in bytes (Standard Webhooks, "Signature scheme"). */
const SECRET_BYTES = { min: 24, max: 64 }

function readSecret(
  secret: z.infer<typeof secretShape>,
  refuse: (message: string) => never,
  env: NodeJS.ProcessEnv,
): KeyObject {
  const where = 'file' in secret ? secret.file : `the environment variable ${secret.env}`
  const text = ('file' in secret ? readSecretFile(secret.file, refuse) : (env[secret.env] ?? '')).trim()
  if (text === '') refuse(`${where} is empty`)
  const bytes = Buffer.from(SECRET.exec(text)?.[1] ?? '', 'base64')
  try {
    if (bytes.length < SECRET_BYTES.min || bytes.length > SECRET_BYTES.max) {
      refuse(
        `${where} has no secret in it: that is whsec_ and 24 to 64 bytes in base64, as of: echo whsec_$(openssl rand -base64 32)`,
      )
    }
    return createSecretKey(bytes)
  } finally {
    bytes.fill(0)
  }
}

function readSecretFile(path: string, refuse: (message: string) => never): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return refuse(`${path} cannot be read: ${reasonOf(error)}`)
  }
}
