import { Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { parseArn } from '../../domain/arn.ts'
import { askRunningServer } from '../control-client.ts'
import { withManual } from '../speech/manual.ts'
import { collectPair, dataOf, withSettings } from '../options.ts'
import { answer, inColor, outputOption, type Output } from '../speech/output.ts'
import { listRefusals } from './refusals.ts'

interface Options {
  readonly as?: string
  readonly operation?: string
  readonly key?: string
  readonly region?: string
  readonly encryptionContext?: Readonly<Record<string, string>>
  readonly context?: Readonly<Record<string, string>>
  readonly replicaRegion?: string
  readonly primaryRegion?: string
  readonly alias?: string
  readonly destinationKey?: string
  readonly sourceIp?: string
  readonly input?: string
  readonly last: number
  readonly output: Output
  readonly verbose?: boolean
}

/** `keyspan explain`, `keyspan explain ID`, and `keyspan explain --as ARN --operation NAME --key KEY --region REGION` */
export function explainCommand(): Command {
  const explain = withSettings(new Command('explain'), ['data', 'config'])
    .description(
      'Says why a request was refused, or whether one would be. Without an id or an operation it lists the newest ' +
        'refusals.',
    )
    .argument('[id]', 'the id in the header x-keyspan-explain of a refusal, or in the list')
    .option('--as <arn>', 'who asks: a root user, user, role or session')
    .option('--operation <name>', 'what, such as Decrypt or iam:CreateUser')
    .option('--key <key>', 'on which key: an id, ARN or alias')
    .option('--region <region>', 'in which Region; that of the key where its ARN is given')
    .option('--encryption-context <name=value>', 'a pair of the encryption context; may be given again', collectPair)
    .option('--replica-region <region>', 'of ReplicateKey, where to')
    .option('--primary-region <region>', 'of UpdatePrimaryRegion, where to')
    .option('--alias <name>', 'of CreateAlias and its kin, the alias')
    .option('--destination-key <key>', 'of ReEncrypt, the key that encrypts')
    .option('--context <key=value>', 'another condition key of the request; may be given again', collectPair)
    .option('--source-ip <address>', 'where the request would come from')
    .option('--input <json>', 'other members of the request')
    .addOption(new Option('--last <number>', 'how many refusals are listed').default(20).argParser(parseLast))
    .addOption(outputOption('for people, or JSON; of the list, one document a line'))
    .option('--verbose', 'shows every policy that had a say')
    .action(async (id: string | undefined, options: Options, command: Command) => {
      const data = dataOf(command)
      const { verbose = false, output } = options
      if (id !== undefined) {
        show(await askRunningServer(data, '/explain', { id, verbose }), output)
        return
      }
      if (options.operation === undefined) {
        await listRefusals(data, options)
        return
      }
      show(await askRunningServer(data, '/hypothesis', { ...hypothesisOf(options), verbose }), output)
    })
  return withManual(explain, MANUAL)
}

const MANUAL = {
  more: [
    'A refusal is remembered for seven days; each response of 400 and 403 that is has its id in the header ' +
      'x-keyspan-explain.',
    'With --as and --operation it says what would become of a request, and nothing is done. ALLOWED says that ' +
      'permissions let it pass; what an operation refuses for other reasons, such as the state of a key, it still does.',
  ],
  examples: [
    ['keyspan explain', 'Lists the newest refusals with their ids.'],
    ['keyspan explain 5f0c6a1e', 'Says what refused that request, and the smallest change that lets it pass.'],
    [
      'keyspan explain --as arn:aws:iam::111122223333:user/ada --operation Decrypt --key alias/orders --region eu-west-1',
      'Says whether ada may decrypt with that key there, and why.',
    ],
  ],
  status: ['It was, or would be, allowed; or the list was printed.', 'It was, or would be, refused.'],
} as const

const answerShape = z.object({ text: z.string(), explained: z.looseObject({ allowed: z.boolean() }) })

function show(told: unknown, output: Output): void {
  const { text, explained } = answerShape.parse(told)
  answer(output, `${colored(text)}\n`, explained)
  process.exitCode = explained.allowed ? 0 : 1
}

/** The verdict, which is the first word, in the colour of its kind. */
function colored(text: string): string {
  return text.replace(/^(?:ALLOWED|REFUSED)\b/, (verdict) => inColor(verdict === 'ALLOWED' ? 'green' : 'red', verdict))
}

function parseLast(text: string): number {
  const last = Number(text)
  if (!(Number.isInteger(last) && last > 0 && last <= 1000)) throw new InvalidArgumentError('Give a number up to 1000.')
  return last
}

function hypothesisOf(options: Options) {
  const { as, operation, context = {}, encryptionContext = {}, key = null, sourceIp = null } = options
  const region = options.region ?? parseArn(key ?? '')?.region
  if (as === undefined || operation === undefined || region === undefined) {
    throw new Error(
      'Give --as and --region with --operation, and --key where it is on a key; the ARN of a key says the Region.',
    )
  }
  const hasContext = Object.keys(encryptionContext).length > 0
  const member = operation.endsWith('ReEncrypt') ? 'SourceEncryptionContext' : 'EncryptionContext'
  const given = {
    ...(hasContext && { [member]: encryptionContext }),
    ReplicaRegion: options.replicaRegion,
    PrimaryRegion: options.primaryRegion,
    AliasName: options.alias,
    DestinationKeyId: options.destinationKey,
  }
  const members = Object.entries(given).filter(([, value]) => value !== undefined)
  return {
    as,
    operation,
    region,
    key,
    sourceIp,
    context,
    input: { ...Object.fromEntries(members), ...readInput(options.input) },
  }
}

function readInput(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {}
  const read: unknown = (() => {
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new Error(`--input is no JSON: ${String(error)}`, { cause: error })
    }
  })()
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Record<string, unknown>
  throw new Error('--input must be a JSON object, such as {"SigningAlgorithm": "ECDSA_SHA_256"}.')
}
