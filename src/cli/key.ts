import { Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { consolePolicy, type PolicyChoices, type PolicyKey } from '../domain/console-policy/console-policy.ts'
import { isAccountId, isUserOrRole } from '../domain/identity-arn.ts'
import { AWS_KEY_SPECS, KEY_USAGES, usagesOf, type KeySpec, type KeyUsage } from '../domain/key-spec.ts'
import { PARTITION } from '../domain/region.ts'
import type { ClientProfile } from '../server/data/profiles.ts'
import { askAccount, askKms } from '../server/http/ask-as.ts'
import { collectPair, collectText, dataOf, withSettings } from './options.ts'
import { profileOfShell, readProfile } from './shell/profile.ts'
import { withManual } from './speech/manual.ts'
import { answer, outputOption, type Output } from './speech/output.ts'
import { showProgress } from './speech/progress.ts'

interface Options {
  readonly administrator?: readonly string[]
  readonly adminDeletion: boolean
  readonly user?: readonly string[]
  readonly account?: readonly string[]
  readonly alias?: string
  readonly description?: string
  readonly tag?: Readonly<Record<string, string>>
  readonly spec: KeySpec
  readonly usage?: KeyUsage
  readonly origin: 'kms' | 'external'
  readonly multiRegion?: boolean
  readonly region?: string
  readonly profile?: string
  readonly output: Output
}

const MANUAL = {
  more: [
    'The policy has the statements that AWS’s console writes, under the same identifiers; it leaves out those for ' +
      'which nobody is named. The key is made by the AWS API as whoever the profile is: of a shell that keyspan env has ' +
      'pointed to this server, its own.',
    'Users and roles are named as user/ada or role/ops, with their paths if they have any, or by their ARNs.',
  ],
  examples: [
    [
      'keyspan key create --multi-region --alias payments --administrator user/ada --user role/app',
      'Makes a key that ada administers and app uses, and that can be replicated.',
    ],
    [
      'keyspan key create --spec ECC_NIST_P256 --usage SIGN_VERIFY --user role/signer --account 444455556666',
      'Makes a key to sign with, which another account may use too.',
    ],
    [
      'keyspan key create --origin external --administrator user/ada --no-admin-deletion',
      'Makes a key without material, which ada can import and who cannot delete the key.',
    ],
  ],
} as const

/** `keyspan key create` */
export function keyCommand(): Command {
  const create = withSettings(new Command('create'), ['data', 'config'])
    .description('Makes a key with the policy that AWS’s console would write.')
    .option('--administrator <who>', 'a user or role that administers the key; may be given again', collectText)
    .option('--no-admin-deletion', 'administrators may not schedule its deletion, nor cancel it')
    .option('--user <who>', 'a user or role that uses the key; may be given again', collectText)
    .option('--account <id>', 'another account that uses the key; may be given again', collectAccount)
    .option('--alias <name>', 'its name, such as payments')
    .option('--description <text>', 'what it is for')
    .option('--tag <key=value>', 'a tag; may be given again', collectPair)
    .addOption(new Option('--spec <spec>', 'what it is').choices(AWS_KEY_SPECS).default('SYMMETRIC_DEFAULT'))
    .addOption(new Option('--usage <usage>', 'what it is for, where its spec leaves a choice').choices(KEY_USAGES))
    .addOption(
      new Option('--origin <origin>', 'where its material comes from').choices(['kms', 'external']).default('kms'),
    )
    .option('--multi-region', 'it can be replicated to other Regions')
    .option('--region <region>', 'in which Region; the profile’s where none is named')
    .option('--profile <name>', 'as whom; the profile of this shell, or the root user of the first account')
    .addOption(outputOption())
    .action(async (options: Options, command: Command) => {
      const data = dataOf(command)
      const profile = await readProfile(data, options.profile ?? profileOfShell(data, process.env))
      await createKey({ ...profile, region: options.region ?? profile.region }, options)
    })
  return new Command('key').description('Makes keys.').addCommand(withManual(create, MANUAL))
}

const created = z.object({ KeyMetadata: z.looseObject({ Arn: z.string(), KeyId: z.string(), KeyState: z.string() }) })

async function createKey(profile: ClientProfile, options: Options): Promise<void> {
  using _progress = showProgress('key create')
  const key: PolicyKey = {
    spec: options.spec,
    usage: usageFor(options),
    origin: options.origin === 'external' ? 'EXTERNAL' : 'AWS_KMS',
    multiRegion: options.multiRegion ?? false,
  }
  const account = await askAccount(profile)
  const { KeyMetadata } = created.parse(
    await askKms(profile, 'CreateKey', {
      Policy: consolePolicy(account, key, choicesOf(account, options)),
      Description: options.description,
      KeySpec: key.spec,
      KeyUsage: key.usage,
      Origin: key.origin,
      MultiRegion: key.multiRegion,
      Tags: Object.entries(options.tag ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
    }),
  )
  if (options.alias !== undefined) await nameKey(profile, KeyMetadata, options.alias)
  const next = key.origin === 'EXTERNAL' ? ' It waits for its material to be imported.' : ''
  answer(options.output, `Key ${KeyMetadata.Arn} is made.${next}\n`, KeyMetadata)
}

/** The key is there also where its alias is refused: whoever reads it can go on from there. */
async function nameKey(profile: ClientProfile, key: { KeyId: string; Arn: string }, name: string): Promise<void> {
  const AliasName = name.startsWith('alias/') ? name : `alias/${name}`
  try {
    await askKms(profile, 'CreateAlias', { AliasName, TargetKeyId: key.KeyId })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `Key ${key.Arn} is made, and has no alias: ${reason} Give it another one:\n` +
        `  aws kms create-alias --region ${profile.region} --alias-name alias/NAME --target-key-id ${key.KeyId}`,
      { cause: error },
    )
  }
}

function choicesOf(account: string, options: Options): PolicyChoices {
  return {
    administrators: arnsOf(account, options.administrator),
    administratorsDelete: options.adminDeletion,
    users: arnsOf(account, options.user),
    accounts: [...new Set(options.account)],
  }
}

function arnsOf(account: string, names: readonly string[] = []): readonly string[] {
  return [...new Set(names.map((who) => arnOfWhom(account, who)))]
}

function arnOfWhom(account: string, who: string): string {
  const arn = who.startsWith('arn:') ? who : `arn:${PARTITION}:iam::${account}:${who}`
  if (isUserOrRole(arn)) return arn
  throw new Error(`"${who}" names no user or role. Give user/ada, role/ops, or the ARN of one.`)
}

function usageFor({ spec, usage }: Options): KeyUsage {
  const usages = usagesOf(spec)
  const [only, ...others] = usages
  if (usage !== undefined && usages.includes(usage)) return usage
  if (usage === undefined && only !== undefined && others.length === 0) return only
  const wrong = usage === undefined ? 'can be for more than one thing' : `is not for ${usage}`
  throw new Error(`${spec} ${wrong}. Give --usage ${usages.join(' or ')}.`)
}

function collectAccount(text: string, others: readonly string[] = []): readonly string[] {
  if (!isAccountId(text)) throw new InvalidArgumentError('An account id has 12 digits.')
  return [...others, text]
}
