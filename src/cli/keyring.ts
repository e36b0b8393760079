import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import type { SealedReport } from '../storage/check-sealed.ts'
import { lookAtStores, takeStores } from '../server/data/find-stores.ts'
import type { KeyringStatus } from '../server/trust/inspect-keyring.ts'
import { askRunningServer, askServer } from './control-client.ts'
import { databaseOf, dataOf, ROOT_FLAGS, rootConfigOf, STORE_FLAGS, withSettings } from './options.ts'
import { askNewPassphrase, askPassphrase, openRootOf } from './passphrase.ts'
import { withManual } from './speech/manual.ts'
import { answer, inColor, outputOption, type Output } from './speech/output.ts'
import { showProgress } from './speech/progress.ts'

interface Options {
  readonly output: Output
}

const done = z.object({ text: z.string() })
const forgotten = z.object({ forgotten: z.array(z.string()) })
const verified = z.object({ stores: z.custom<readonly SealedReport[]>(Array.isArray) })

/** `keyspan keyring status`, `verify`, `rotate` and `forget` */
export function keyringCommand(): Command {
  return new Command('keyring')
    .description('Shows the keys under which all data rests, tries them, and rotates them.')
    .addCommand(statusCommand())
    .addCommand(verifyCommand())
    .addCommand(rotateCommand())
    .addCommand(forgetCommand())
}

function statusCommand(): Command {
  const status = withSettings(new Command('status'), STORE_FLAGS)
    .description('Shows what holds the root key, and the domain keys of each database.')
    .addOption(outputOption())
    .action(async ({ output }: Options, command: Command) => {
      const { keyringStatus } = await import('../server/trust/inspect-keyring.ts')
      const data = dataOf(command)
      await using stores = await lookAtStores(data, databaseOf(command))
      const found = await keyringStatus(data, stores)
      answer(output, statusText(found), found)
    })
  return withManual(status, {
    more: [
      'A former domain key is one under which something may still rest; a server that runs seals it anew. Nothing rests ' +
        'under one that is retired. Nothing is opened for this: the server may be running, or not.',
    ],
    examples: [['keyspan keyring status', 'Shows how far a rotation has come.']],
  })
}

function statusText({ provider, isMoving, stores }: KeyringStatus): string {
  const lines = stores.map(({ place, domainKeys }) => {
    const keys = domainKeys.map(({ version, state }) => `${version} ${state}`).join(', ')
    return `  ${place.padEnd(16)} ${keys}\n`
  })
  const roots = [...new Set(stores.flatMap(({ domainKeys }) => domainKeys.map(({ rootKey }) => rootKey)))]
  const moving = isMoving ? inColor('yellow', 'A rotation of the root key was cut off: the next start ends it.\n') : ''
  return `The root key is held by: ${provider}\nDomain keys are under: ${roots.join(', ')}\n${moving}\nDomain keys by database\n${lines.join('')}`
}

function verifyCommand(): Command {
  const verify = withSettings(new Command('verify'), [...STORE_FLAGS, ...ROOT_FLAGS])
    .description('Opens every domain key and everything that rests under them, and says what does not open.')
    .addOption(outputOption())
    .action(async ({ output }: Options, command: Command) => {
      const data = dataOf(command)
      const told = await askServer(data, '/keyring/verify', {})
      const stores = told === null ? await verifyHere() : verified.parse(told).stores
      const isGood = stores.every(({ faults }) => faults.length === 0)
      answer(output, verifiedText(stores, isGood), { isGood, stores })
      process.exitCode = isGood ? 0 : 1

      /** Where no server runs, with the root key itself. */
      async function verifyHere() {
        const { verifyKeyring } = await import('../server/trust/inspect-keyring.ts')
        await using stores = await lookAtStores(data, databaseOf(command))
        const root = await openRootOf(command, data, false)
        using _progress = showProgress('keyring verify')
        return await verifyKeyring(root, stores)
      }
    })
  return withManual(verify, {
    more: [
      'A server that runs does it with the root key that it has; where none runs, the root key is opened here. Nothing ' +
        'is changed, and nothing that is opened is shown.',
    ],
    examples: [
      ['keyspan keyring verify', 'Tries everything.'],
      ['keyspan keyring verify --data /restored --root-key /safe/root.key', 'Tries a backup that was put back.'],
    ],
    status: ['All of it opens.', 'Something does not: each thing is named.'],
  })
}

function verifiedText(stores: readonly SealedReport[], isGood: boolean): string {
  const parts = stores.map(({ place, versions, secrets, materials, faults }) => {
    const under = versions.map(({ version, retired, rows }) => `${rows} under ${version}${retired ? ' (retired)' : ''}`)
    const bad = faults.map((fault) => `  ${inColor('red', `DOES NOT OPEN: ${fault}`)}\n`)
    return `${place}\n  rows: ${under.join(', ')}\n  opened: ${materials} materials, ${secrets} secrets\n${bad.join('')}`
  })
  const verdict = isGood ? inColor('green', 'All of it opens.') : inColor('red', 'Not all of it opens.')
  return `${parts.join('')}\n${verdict}\n`
}

function rotateCommand(): Command {
  const rotate = withSettings(new Command('rotate'), ['data', ...ROOT_FLAGS, 'config'])
    .description('Rotates the root key, or the domain keys, while the server serves.')
    .argument('<which>', 'root or domain', parseWhich)
    .addOption(
      new Option('--to <provider>', 'what is to hold the root key').choices([
        'file',
        'passphrase',
        'aws-kms',
        'pkcs11',
      ]),
    )
    .addOption(outputOption())
    .action(async (which: string, { to, output }: Options & { readonly to?: string }, command: Command) => {
      const data = dataOf(command)
      if (which === 'domain' && to !== undefined) throw new Error('--to is for the root key. Leave it out.')
      const told =
        which === 'domain'
          ? await askRunningServer(data, '/keyring/domain', {})
          : to === 'passphrase'
            ? await changePassphrase(command)
            : to === 'pkcs11'
              ? await moveToHsm(command)
              : await askRunningServer(data, '/keyring/root', rootRequest(to ?? null, command))
      const { text } = done.parse(told)
      answer(output, `${text}\n`, { text })
    })
  return withManual(rotate, {
    more: [
      'A root key wraps the domain keys, one of each database, and those wrap everything else. Another root key means ' +
        'that they are wrapped anew; without --to it is held by what has held the former one. A new passphrase is asked ' +
        'for, or comes from standard input or --passphrase-file; a key in KMS is named by --root-kms-key and the others, one ' +
        'in an HSM by --root-hsm-key: it is taken where there is one of that label, and made where there is none or it is the ' +
        'root key already. The PIN is asked for, or comes from standard input or --root-hsm-pin-file.',
      'Another domain key means that all is sealed under it from now on, and what rests under the former one is sealed ' +
        'anew in the background. Killed at any moment, either is gone on with at the next start.',
      'Backups that were taken before are opened by what was the root key then: keep it as long as them.',
    ],
    examples: [
      ['keyspan keyring rotate domain', 'Makes another domain key in every database.'],
      ['keyspan keyring rotate root', 'Makes another root key, where the former one is.'],
      ['keyspan keyring rotate root --to passphrase', 'Asks for a passphrase, and takes it for the root key.'],
      [
        'keyspan keyring rotate root --to aws-kms --root-kms-key alias/keyspan --root-kms-endpoint https://kms.example',
        'Puts the root key into another Keyspan.',
      ],
      [
        'keyspan keyring rotate root --to pkcs11 --root-hsm-module /usr/lib/softhsm/libsofthsm2.so --root-hsm-token prod --root-hsm-key keyspan',
        'Puts the root key into an HSM.',
      ],
    ],
  })
}

function forgetCommand(): Command {
  const forget = withSettings(new Command('forget'), [...STORE_FLAGS, 'root-key'])
    .description('Takes former root keys out of the file, once nothing is under them.')
    .option('--yes', 'backups that were taken before the rotation need not be opened any more')
    .addOption(outputOption())
    .action(async ({ output, yes }: Options & { readonly yes?: true }, command: Command) => {
      const data = dataOf(command)
      const isAgreed = yes === true
      const told = await askServer(data, '/keyring/forget', { isAgreed })
      const refs = told === null ? await forgetHere() : forgotten.parse(told).forgotten
      const text = refs.length === 0 ? 'There is none to forget.' : `Forgotten: ${refs.join(', ')}.`
      answer(output, `${text}\n`, { forgotten: refs })

      async function forgetHere() {
        const { forgetFormerRoots } = await import('../server/trust/forget-roots.ts')
        await using stores = await takeStores(data, databaseOf(command))
        return await forgetFormerRoots(data, stores, isAgreed)
      }
    })
  return withManual(forget, {
    more: [
      'A rotation leaves the former root key in the file, behind the new one: it opens backups that were taken before. ' +
        'This takes it away, and the whole file where something else holds the root key now. Copies elsewhere stay.',
    ],
    examples: [['keyspan keyring forget --yes', 'Takes away what no database here needs.']],
  })
}

function parseWhich(text: string): string {
  if (text === 'root' || text === 'domain') return text
  throw new InvalidArgumentError('There are root and domain.')
}

function rootRequest(to: string | null, command: Command) {
  const { kms } = rootConfigOf(command)
  return { to, key: kms.key, endpoint: kms.endpoint?.origin ?? null, credentials: kms.credentials }
}

async function changePassphrase(command: Command): Promise<unknown> {
  const { readPassphraseFile } = await import('../server/trust/passphrase.ts')
  const { passphraseFile } = rootConfigOf(command)
  const passphrase = passphraseFile === null ? await askNewPassphrase() : await readPassphraseFile(passphraseFile)
  try {
    return await askRunningServer(dataOf(command), '/keyring/passphrase', passphrase)
  } finally {
    passphrase.fill(0)
  }
}

async function moveToHsm(command: Command): Promise<unknown> {
  const { readPassphraseFile } = await import('../server/trust/passphrase.ts')
  const { module, token, key, pinFile } = rootConfigOf(command).hsm
  if (module === null || token === null)
    throw new Error('Say where the HSM is: --root-hsm-module and --root-hsm-token.')
  const pin = pinFile === null ? await askPassphrase('PIN: ') : await readPassphraseFile(pinFile, 'PIN')
  const place = JSON.stringify({ module: resolve(module), token, key })
  const asked = Buffer.concat([Buffer.from(`${place}\n`), pin])
  try {
    return await askRunningServer(dataOf(command), '/keyring/hsm', asked)
  } finally {
    pin.fill(0)
    asked.fill(0)
  }
}
