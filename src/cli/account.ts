import { Command } from 'commander'
import { z } from 'zod'
import { homeRegion } from '../domain/region.ts'
import { openAccounts, type Accounts, type RootAccessKey } from '../server/data/accounts.ts'
import { readConfig, type Config } from '../server/config/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { openDeployment } from '../server/data/deployment.ts'
import { takeStores } from '../server/data/find-stores.ts'
import { requireOwnAccounts } from '../server/peers/home-seat.ts'
import { openGlobal } from '../server/regions/open-global.ts'
import { addProfile, profileOf } from '../server/data/profiles.ts'
import { reachable, urlAt } from '../server/http/address.ts'
import { askServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { ROOT_FLAGS, settingsOf, STORE_FLAGS, withSettings } from './options.ts'
import { openRootOf } from './passphrase.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

const accessKey = z.object({ account: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() })
const list = z.object({ accounts: z.array(z.object({ id: z.string(), accessKeyIds: z.array(z.string()) })) })

/** `keyspan account` */
export function accountCommand(): Command {
  return new Command('account')
    .description('Makes and lists accounts.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(keyCommand())
}

/** `keyspan account create ID` */
function createCommand(): Command {
  const create = accountSubcommand('create')
    .description('Makes an account, an access key for its root user, and a profile for the AWS CLI.')
    .argument('<id>', '12 digits')
    .action(async (id: string, { output }: { output: Output }, command: Command) => {
      const here = (accounts: Accounts, keep: Keep) => accounts.create(id, Date.now(), keep)
      const key = accessKey.parse(await ask(command, '/account', { id }, here))
      printKey(key, output, `Account ${id} is made.`)
    })
  return withManual(create, {
    more: ['Where no server is running, the account is made in the data directory itself.'],
    examples: [['keyspan account create 444455556666', 'Makes the account, and the profile keyspan-444455556666.']],
  })
}

/** `keyspan account key ID` */
function keyCommand(): Command {
  const renew = accountSubcommand('key')
    .description('Gives the root user of an account a new access key where the old one is lost. The old one ends.')
    .argument('<id>', '12 digits')
    .action(async (id: string, { output }: { output: Output }, command: Command) => {
      const here = (accounts: Accounts, keep: Keep) => accounts.renewKey(id, Date.now(), keep)
      const key = accessKey.parse(await ask(command, '/account/key', { id }, here))
      printKey(key, output, `The root user of ${id} has a new access key, and older ones work no more.`)
    })
  return withManual(renew, {
    examples: [['keyspan account key 111122223333', 'Writes a new key into the profile of that account.']],
  })
}

/** `keyspan account list` */
function listCommand(): Command {
  const listing = accountSubcommand('list')
    .description('Lists the accounts, their profiles, and the access keys of their root users.')
    .action(async ({ output }: { output: Output }, command: Command) => {
      const { accounts } = list.parse(await ask(command, '/account/list', {}, listHere))
      const rows = accounts.map((each) => ({ ...each, profile: profileOf(each.id) }))
      const text = rows.map(
        ({ id, profile, accessKeyIds }) => `${id}  ${profile.padEnd(20)}  ${accessKeyIds.join(' ')}\n`,
      )
      answer(output, text.join(''), rows)
    })
  return withManual(listing, {
    examples: [['keyspan account list --output json', 'Gives id, profile and accessKeyIds of each.']],
  })
}

function accountSubcommand(name: string): Command {
  return withSettings(new Command(name), [...STORE_FLAGS, ...ROOT_FLAGS, 'host', 'port', 'regions']).addOption(
    outputOption(),
  )
}

function printKey(key: RootAccessKey, output: Output, said: string): void {
  const profile = profileOf(key.account)
  const text = `${said} Its profile is ${profile}:\n\n  eval "$(keyspan env --profile ${profile})"\n`
  answer(output, text, { ...key, profile })
}

type Keep = (key: RootAccessKey) => Promise<void>
type Here = (accounts: Accounts, keep: Keep) => Promise<unknown>

async function listHere(accounts: Accounts) {
  return { accounts: await accounts.list() }
}

/** Asks the server; where none is running, the accounts of the data directory themselves. */
async function ask(command: Command, path: string, body: object, here: Here): Promise<unknown> {
  const config = readConfig(settingsOf(command), process.env)
  const data = dataDirectory(config.data, config.rootKey)
  const told = await askServer(data, path, body)
  if (told !== null) return told
  // Only what makes accounts makes a data directory.
  await using stores = await takeStores(data, config.database, path === '/account')
  const root = await openRootOf(command, data, stores.isNew)
  const deployment = await openDeployment(data, root, Date.now(), stores)
  const { store, secrets } = deployment
  await requireOwnAccounts(store)
  const { audit, journal } = await openGlobal(data, deployment, config.audit, Date.now, () => null)
  const accounts = openAccounts(store, secrets, journal)
  const keep = (key: RootAccessKey) => addProfile(data, profileOf(key.account), key, placeOf(config))
  try {
    return await here(accounts, keep)
  } finally {
    await audit.close()
    await store.close()
  }
}

function placeOf({ tls, host, port, regions }: Config) {
  return { url: reachable(urlAt(tls !== null, host, port)), region: homeRegion(regions) }
}
