import { Command, Option } from 'commander'
import { z } from 'zod'
import { homeRegion } from '../domain/region.ts'
import { readConfig, type Config } from '../server/config.ts'
import { dataDirectory, lockDataDirectory, type DataDirectory } from '../server/data-directory.ts'
import { openDeployment } from '../server/deployment.ts'
import { addProfile, profileOf } from '../server/profiles.ts'
import { askServer } from './control-client.ts'
import { settingsOf, withSettings } from './options.ts'

const accessKey = z.object({ account: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() })

/** `keyspan account create ID` */
export function accountCommand(): Command {
  const create = withSettings(new Command('create'), ['data', 'root-key', 'config', 'host', 'port', 'regions'])
    .description('Makes an account, an access key for its root user, and a profile for the AWS CLI.')
    .argument('<id>', '12 digits')
    .addOption(new Option('--output <format>', 'what to print').choices(['text', 'json']).default('text'))
    .action(async (id: string, options: { output: string }, command: Command) => {
      const config = readConfig(settingsOf(command), process.env)
      const data = dataDirectory(config.data, config.rootKey)
      const key = accessKey.parse((await askServer(data, '/account', { id })) ?? (await createHere(data, config, id)))
      const profile = profileOf(id)
      process.stdout.write(
        options.output === 'json'
          ? `${JSON.stringify({ ...key, profile }, null, 2)}\n`
          : `Account ${id} is made. Its profile is ${profile}:\n\n  aws --profile ${profile} sts get-caller-identity\n`,
      )
    })
  return new Command('account').description('Makes accounts.').addCommand(create)
}

/** Makes an account while no server is running. */
async function createHere(data: DataDirectory, config: Config, id: string) {
  using _lock = await lockDataDirectory(data)
  const { accounts, store } = await openDeployment(data, Date.now())
  try {
    const url = `${config.tls === null ? 'http' : 'https'}://${config.host}:${config.port}`
    return await accounts.create(id, Date.now(), (key) => addProfile(data, key, url, homeRegion(config.regions)))
  } finally {
    await store.close()
  }
}
