import { z } from 'zod'
import type { AlarmBell } from './alarms/alarms.ts'
import { explainedText } from '../kernel/explain/text.ts'
import { DRILL_ACTIONS } from '../domain/drill/step.ts'
import { CommandError } from './command-error.ts'
import type { ControlPowers } from './control.ts'
import { familyTable } from './inspect/family/table.ts'
import { driftText } from './inspect/family/policy-drift.ts'
import { drillText, faultText } from './drills.ts'
import { obeyOfPeers } from './peers/peer-commands.ts'
import { peersText, peerTroubles } from './peers/peers-text.ts'
import { putBackNotices } from './disaster/put-back-notices.ts'
import { obeyOfDisasters } from './disaster/disaster-commands.ts'
import { seedText } from './seed/export.ts'

const accountRequest = z.object({ id: z.string() })
const userRequest = z.object({ account: z.string(), name: z.string(), policies: z.array(z.string()) })
const backupRequest = z.object({ target: z.string() })
const pruneRequest = z.object({ before: z.iso.date().nullable() })
const alarmTestRequest = z.object({ target: z.string().nullable() })
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
const rootRequest = z.object({
  to: z.enum(['file', 'aws-kms']).nullable(),
  key: z.string().nullable().default(null),
  endpoint: z.string().nullable().default(null),
  credentials: z.string().nullable().default(null),
})
const forgetRequest = z.object({ isAgreed: z.boolean() })
const drillRequest = z.object({
  action: z.enum(DRILL_ACTIONS),
  regions: z.array(z.string()),
  oneWay: z.boolean().default(false),
  delay: z.string().optional(),
})

/** Does what a command asks of a running server; its answer is JSON. */
export async function obey(path: string, body: unknown, powers: ControlPowers): Promise<object> {
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
    case '/console':
      return powers.makeConsoleLink(accountRequest.parse(body).id)
    case '/audit/prune':
      return powers.pruneAudit(pruneRequest.parse(body).before)
    case '/alarms/status':
      return { targets: requireAlarms(powers).status() }
    case '/alarms/test':
      return { results: await requireAlarms(powers).test(alarmTestRequest.parse(body).target) }
    case '/clock':
      return advance(clockRequest.parse(body).advance, powers)
    case '/clock/confirm':
      return confirmClock(powers)
    case '/explain':
      return explainRefusal(explainRequest.parse(body), powers)
    case '/refusals':
      return { refusals: await (await powers.inspector()).refusals(refusalsRequest.parse(body)) }
    case '/hypothesis':
      return explainHypothesis(hypothesisRequest.parse(body), powers)
    case '/who-can':
      return (await powers.inspector()).whoCan(whoCanRequest.parse(body))
    case '/policy/differences': {
      const { after, ...proposed } = differencesRequest.parse(body)
      return (await powers.inspector()).review.differences(proposed, after)
    }
    case '/policy/witnesses': {
      const { days, ...proposed } = witnessesRequest.parse(body)
      return (await powers.inspector()).review.witnesses(proposed, days)
    }
    case '/policy/suggestion': {
      const { target, days } = suggestionRequest.parse(body)
      return (await powers.inspector()).review.suggest(target, days)
    }
    case '/usage':
      return (await powers.inspector()).usage(usageRequest.parse(body).days)
    case '/family':
      return showFamily(familyRequest.parse(body), powers)
    case '/seed': {
      const { material } = seedRequest.parse(body)
      if (material) requireDevelopment(powers, 'Secrets leave a server')
      const { seed, notes } = await powers.exportSeed(material)
      return { text: seedText(seed), seed, notes }
    }
    case '/sealed':
      return { isSealed: false, isNew: false }
    default:
      return obeyOfRegions(path, body, powers)
  }
}

async function obeyOfRegions(path: string, body: unknown, powers: ControlPowers): Promise<object> {
  switch (path) {
    case '/region':
      return takeStep(drillRequest.parse(body), powers)
    case '/region/status':
      return showRegions(powers)
    case '/region/renew':
      return { renewed: await powers.renewIdentities() }
    case '/region/forget':
    case '/region/recover':
    case '/mrk/force-primary':
      return obeyOfDisasters(path, body, powers)
    case '/region/identity':
    case '/region/trust':
    case '/region/distrust':
    case '/region/home':
      return obeyOfPeers(path, body, powers)
    default:
      return obeyKeyring(path, body, powers)
  }
}

async function obeyKeyring(path: string, body: unknown, powers: ControlPowers): Promise<object> {
  switch (path) {
    case '/keyring/domain':
      return { text: await powers.keyring.rotateDomainKeys() }
    case '/keyring/root':
      return { text: await rotateRoot(rootRequest.parse(body), powers) }
    case '/keyring/forget':
      return { forgotten: await powers.keyring.forgetRoots(forgetRequest.parse(body).isAgreed) }
    case '/keyring/verify':
      return { stores: await powers.verifyKeyring() }
    default:
      throw new CommandError(`This server knows no command ${path}: it may be of another version.`)
  }
}

async function rotateRoot(
  { to, key, endpoint, credentials }: z.infer<typeof rootRequest>,
  { keyring }: ControlPowers,
): Promise<string> {
  const kind = to ?? keyring.kind()
  if (kind === 'file') return keyring.rotateRoot({ to: 'file' })
  if (kind === 'pkcs11')
    throw new CommandError('A key in an HSM is rotated by keyspan keyring rotate root --to pkcs11.')
  if (kind !== 'aws-kms')
    throw new CommandError('Its passphrase is changed by keyspan keyring rotate root --to passphrase.')
  const kms = { key, endpoint: endpoint === null ? null : new URL(endpoint), credentials }
  return keyring.rotateRoot({ to: 'aws-kms', kms })
}

async function explainRefusal(
  { id, verbose }: z.infer<typeof explainRequest>,
  { inspector }: ControlPowers,
): Promise<object> {
  const explained = await (await inspector()).refusal(id)
  return { text: explainedText(explained, verbose), explained }
}

async function explainHypothesis(
  { verbose, ...asked }: z.infer<typeof hypothesisRequest>,
  { inspector }: ControlPowers,
): Promise<object> {
  const { assumed: _told, ...answer } = await (await inspector()).hypothesis(asked)
  return { ...answer, text: explainedText(answer.explained, verbose) }
}

async function showFamily({ key, diff }: z.infer<typeof familyRequest>, { inspector }: ControlPowers): Promise<object> {
  const { drifts, ...family } = await (await inspector()).family(key, diff)
  const differences = diff ? (drifts.length === 0 ? ['The policies do not differ.'] : drifts.map(driftText)) : []
  const text = [[familyTable(family), ...family.troubles].join('\n'), ...differences].join('\n\n')
  return { text, family: { ...family, ...(diff && { drifts }) } }
}

async function advance(duration: string, { drills, clock }: ControlPowers): Promise<object> {
  await drills.advanceClock(duration)
  return { now: new Date(clock.now()).toISOString() }
}

async function takeStep(step: z.infer<typeof drillRequest>, powers: ControlPowers): Promise<object> {
  await powers.drills.step(step)
  const drill = await powers.drills.describe()
  return { text: faultText(drill, await troublesOf(powers)), drill }
}

/** What is wrong with the Regions here and elsewhere, that no drill has done. */
async function troublesOf({ peers, disasters }: ControlPowers): Promise<readonly string[]> {
  return [...(await putBackNotices(disasters.regions)), ...(peers === null ? [] : peerTroubles(peers.report()))]
}

async function confirmClock({ watch, loop }: ControlPowers): Promise<object> {
  if (!(await watch.confirm())) return { text: 'The clock has not leapt: nothing was waiting.' }
  await loop.settle()
  return { text: 'The clock is taken for right. What was due has been done.' }
}

async function showRegions(powers: ControlPowers): Promise<object> {
  const drill = await powers.drills.describe()
  const report = powers.peers?.report() ?? null
  const text = [drillText(drill, await troublesOf(powers)), ...(report === null ? [] : [peersText(report)])].join(
    '\n\n',
  )
  return { text, drill, peers: report }
}

function requireAlarms({ bell }: ControlPowers): AlarmBell {
  if (bell !== null) return bell
  throw new CommandError('There are no alarms: name them under "alarms" in the configuration file, and start again.')
}

function requireDevelopment({ dev }: ControlPowers, what: string): void {
  if (!dev) throw new CommandError(`${what} in development mode only. Start the server with --dev.`)
}
