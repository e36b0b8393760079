import { createServer, type IncomingMessage, type Server } from 'node:http'
import { chmod, rm } from 'node:fs/promises'
import { z } from 'zod'
import { WireError } from '../kernel/errors.ts'
import { explainedText } from '../kernel/explain/text.ts'
import { AccountError, type AccountSummary, type RootAccessKey } from './data/accounts.ts'
import { BackupError } from './data/backup.ts'
import type { ClockWatch } from './clock-watch.ts'
import { parseDuration, type Clock } from './clock.ts'
import { DataDirectoryError, type DataDirectory } from './data/data-directory.ts'
import { InspectionError } from './inspect/inspection-error.ts'
import { familyTable } from './inspect/family-table.ts'
import type { Inspector } from './inspect/inspector.ts'
import { driftText } from './inspect/policy-drift.ts'
import type { ReplicationLoop } from './regions/replication-loop.ts'
import { seedText, type ExportedSeed } from './seed/export.ts'
import type { MadeUser, NewUser } from './user-maker.ts'

/** What `keyspan` commands can ask of the server that runs on the same data directory. */
export interface ControlPowers {
  readonly dev: boolean
  readonly clock: Clock
  readonly watch: ClockWatch
  readonly loop: ReplicationLoop
  readonly inspector: Inspector
  saveClock(offset: number): Promise<void>
  takeBackup(target: string): Promise<object>
  createAccount(id: string): Promise<RootAccessKey>
  renewKey(id: string): Promise<RootAccessKey>
  listAccounts(): Promise<readonly AccountSummary[]>
  createUser(user: NewUser): Promise<MadeUser>
  exportSeed(material: boolean): Promise<ExportedSeed>
}

/** More than any policy, as text in JSON. */
const MAX_BODY_BYTES = 256 * 1024

const accountRequest = z.object({ id: z.string() })
const userRequest = z.object({ account: z.string(), name: z.string(), policies: z.array(z.string()) })
const backupRequest = z.object({ target: z.string() })
const clockRequest = z.object({ advance: z.string() })
const verbosity = z.object({ verbose: z.boolean().default(false) })
const explainRequest = verbosity.extend({ id: z.string() })
const refusalsRequest = z.object({
  caller: z.string().nullable(),
  resource: z.string().nullable(),
  region: z.string().nullable(),
  limit: z.number().int().positive().max(1000),
})
const hypothesisRequest = verbosity.extend({
  as: z.string(),
  operation: z.string(),
  key: z.string().nullable().default(null),
  region: z.string(),
  input: z.record(z.string(), z.unknown()).default({}),
  context: z.record(z.string(), z.string()).default({}),
  sourceIp: z.string().nullable().default(null),
})
const placeRequest = z.object({ source: z.number(), after: z.string().nullable() }).nullable()
const whoCanRequest = z.object({
  key: z.string(),
  actions: z.array(z.string()),
  principals: z.array(z.string()),
  regions: z.array(z.string()),
  context: z.record(z.string(), z.string()),
  after: placeRequest,
})
const proposedPolicy = z.object({ target: z.string(), inline: z.string().nullable(), text: z.string() })
const differencesRequest = proposedPolicy.extend({
  after: z.object({ account: z.string(), place: placeRequest }).nullable(),
})
const witnessesRequest = proposedPolicy.extend({ days: z.number() })
const usageRequest = z.object({ days: z.number() })
const suggestionRequest = z.object({ target: z.string(), days: z.number() })
const familyRequest = z.object({ key: z.string(), diff: z.boolean().default(false) })
const seedRequest = z.object({ material: z.boolean() })
const replicationRequest = z.object({ paused: z.boolean() })

/** A command that cannot be done; its message is for the person at the terminal. */
class CommandError extends Error {}

/**
 * Serves the commands of whoever may enter the data directory, over a socket in it.
 *
 * Files and their permissions decide who that is: the directory is its owner's alone.
 */
export async function serveControl(data: DataDirectory, powers: ControlPowers): Promise<{ close(): Promise<void> }> {
  await rm(data.controlSocket, { force: true })
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body))
    readJson(request)
      .then((body) => obey(request.url ?? '', body, powers))
      .then(
        (result) => answer(200, result),
        (error: unknown) => {
          const isExpected = [CommandError, AccountError, BackupError, InspectionError, WireError].some(
            (kind) => error instanceof kind,
          )
          answer(isExpected ? 400 : 500, { error: error instanceof Error ? error.message : String(error) })
        },
      )
  })
  await listen(server, data.controlSocket)
  await chmod(data.controlSocket, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function obey(path: string, body: unknown, powers: ControlPowers): Promise<object> {
  switch (path) {
    case '/account':
      return powers.createAccount(accountRequest.parse(body).id)
    case '/account/key':
      return powers.renewKey(accountRequest.parse(body).id)
    case '/account/list':
      return { accounts: await powers.listAccounts() }
    case '/user':
      return powers.createUser(userRequest.parse(body))
    case '/backup':
      return powers.takeBackup(backupRequest.parse(body).target)
    case '/clock':
      return advance(clockRequest.parse(body).advance, powers)
    case '/clock/confirm':
      return confirmClock(powers)
    case '/explain':
      return explainRefusal(explainRequest.parse(body), powers)
    case '/refusals':
      return { refusals: await powers.inspector.refusals(refusalsRequest.parse(body)) }
    case '/hypothesis':
      return explainHypothesis(hypothesisRequest.parse(body), powers)
    case '/who-can':
      return powers.inspector.whoCan(whoCanRequest.parse(body))
    case '/policy/differences': {
      const { after, ...proposed } = differencesRequest.parse(body)
      return powers.inspector.review.differences(proposed, after)
    }
    case '/policy/witnesses': {
      const { days, ...proposed } = witnessesRequest.parse(body)
      return powers.inspector.review.witnesses(proposed, days)
    }
    case '/policy/suggestion': {
      const { target, days } = suggestionRequest.parse(body)
      return powers.inspector.review.suggest(target, days)
    }
    case '/usage':
      return powers.inspector.usage(usageRequest.parse(body).days)
    case '/family':
      return showFamily(familyRequest.parse(body), powers)
    case '/seed': {
      const { material } = seedRequest.parse(body)
      if (material) requireDevelopment(powers, 'Secrets leave a server')
      const { seed, notes } = await powers.exportSeed(material)
      return { text: seedText(seed), seed, notes }
    }
    case '/replication': {
      requireDevelopment(powers)
      const { paused } = replicationRequest.parse(body)
      await powers.loop.pause(paused)
      return { paused }
    }
    default:
      throw new CommandError(`This server knows no command ${path}: it may be of another version.`)
  }
}

async function explainRefusal(
  { id, verbose }: z.infer<typeof explainRequest>,
  { inspector }: ControlPowers,
): Promise<object> {
  const explained = await inspector.refusal(id)
  return { text: explainedText(explained, verbose), explained }
}

async function explainHypothesis(
  { verbose, ...asked }: z.infer<typeof hypothesisRequest>,
  { inspector }: ControlPowers,
): Promise<object> {
  const answer = await inspector.hypothesis(asked)
  return { ...answer, text: explainedText(answer.explained, verbose) }
}

async function showFamily({ key, diff }: z.infer<typeof familyRequest>, { inspector }: ControlPowers): Promise<object> {
  const { drifts, ...family } = await inspector.family(key)
  const differences = diff ? (drifts.length === 0 ? ['The policies do not differ.'] : drifts.map(driftText)) : []
  const text = [[familyTable(family), ...family.troubles].join('\n'), ...differences].join('\n\n')
  return { text, family: { ...family, ...(diff && { drifts }) } }
}

async function advance(text: string, powers: ControlPowers): Promise<object> {
  requireDevelopment(powers)
  const milliseconds = parseDuration(text)
  if (milliseconds === null) {
    throw new CommandError(`"${text}" is no duration. Give a number and a unit, such as 30d, 12h, 5m or 90s.`)
  }
  await powers.saveClock(powers.clock.offset() + milliseconds)
  powers.clock.advance(milliseconds)
  await powers.loop.settle()
  return { now: new Date(powers.clock.now()).toISOString() }
}

async function confirmClock({ watch, loop }: ControlPowers): Promise<object> {
  if (!(await watch.confirm())) return { text: 'The clock has not leapt: nothing was waiting.' }
  await loop.settle()
  return { text: 'The clock is taken for right. What was due has been done.' }
}

function requireDevelopment({ dev }: ControlPowers, what = 'That works'): void {
  if (!dev) throw new CommandError(`${what} in development mode only. Start the server with --dev.`)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > MAX_BODY_BYTES) throw new CommandError('The command is too long.')
    chunks.push(bytes)
  }
  return JSON.parse(Buffer.concat(chunks).toString())
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new DataDirectoryError(`The control socket ${path} cannot be opened: ${error.message}`, { cause: error }))
    })
    server.listen(path, resolve)
  })
}
