import { Command } from 'commander'
import { z } from 'zod'
import { forgetOffline, recoverOffline } from '../../server/disaster/offline.ts'
import { askServer } from '../control-client.ts'
import { databaseOf, dataOf, ROOT_FLAGS, STORE_FLAGS, withSettings } from '../options.ts'
import { openRootOf } from '../passphrase.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

const done = z.looseObject({ text: z.string() })

interface Options {
  readonly output: Output
  readonly since?: string
  readonly yes?: true
}

/** `keyspan region forget REGION` */
export function forgetCommand(): Command {
  const forget = withSettings(new Command('forget'), [...STORE_FLAGS, ...ROOT_FLAGS])
    .description('Declares that a Region is gone for good: nobody waits for it any more, and it is not heard.')
    .argument('<region>', 'such as us-east-1')
    .option('--yes', 'what it had alone is lost, and nothing undoes this')
    .addOption(outputOption())
    .action(async (region: string, { output, yes }: Options, command: Command) => {
      const data = dataOf(command)
      const isAgreed = yes === true
      const forgotten =
        (await askServer(data, '/region/forget', { region, isAgreed })) ??
        (await forgetOffline(
          data,
          region,
          isAgreed,
          Date.now(),
          () => openRootOf(command, data, false),
          databaseOf(command),
        ))
      const { text, ...told } = done.parse(forgotten)
      answer(output, `${text.trimEnd()}\n`, told)
    })
  return withManual(forget, {
    more: [
      'Without --yes it says what is lost, and changes nothing. Say it on every server: each has its own Regions forget.',
      'Deletions, rotations and moves of primaries that have waited for the Region go on. Keys whose primary was there get ' +
        'another with keyspan mrk force-primary.',
      'The Region comes back only as another: keyspan region recover on its server, and keyspan region trust.',
    ],
    examples: [
      ['keyspan region forget us-east-1', 'Says which keys the Region had, and in which role.'],
      ['keyspan region forget us-east-1 --yes', 'It is gone: rotations that have waited for it go on.'],
    ],
  })
}

/** `keyspan region recover REGION` */
export function recoverCommand(): Command {
  const recover = withSettings(new Command('recover'), [...STORE_FLAGS, ...ROOT_FLAGS])
    .description('Says that the data of a Region was put back from a backup, and agrees to what that brings back.')
    .argument('<region>', 'such as us-east-1')
    .option('--since <time>', 'of when the data is, such as 2026-11-28T09:00:00Z: lists what was taken away since')
    .option('--yes', 'what was disabled, revoked or deleted since may live again')
    .addOption(outputOption())
    .action(async (region: string, { output, since, yes }: Options, command: Command) => {
      const data = dataOf(command)
      const from = since === undefined ? null : momentOf(since)
      const isAgreed = yes === true
      const database = databaseOf(command)
      const inDatabase = database === null ? null : { database, openRoot: () => openRootOf(command, data, false) }
      const recovered =
        (await askServer(data, '/region/recover', { region, since: from, isAgreed })) ??
        (await recoverOffline(data, region, from, isAgreed, inDatabase))
      const { text, ...told } = done.parse(recovered)
      answer(output, `${text.trimEnd()}\n`, told)
    })
  return withManual(recover, {
    more: [
      'On a server that is stopped, the Region begins anew at the next start: it asks all other Regions what it has ' +
        'forgotten, and is nobody’s primary before they have answered. Encrypting and decrypting go on meanwhile.',
      'On a server that runs and has noticed by itself that it was put back, this only agrees to what that brings back: ' +
        'until then each start tells of it.',
    ],
    examples: [
      [
        'keyspan region recover eu-west-1 --since 2026-11-28T09:00:00Z',
        'Lists what was disabled, revoked or deleted since, by the audit log.',
      ],
      ['keyspan region recover eu-west-1 --yes', 'Agrees to that.'],
    ],
  })
}

function momentOf(text: string): number {
  const moment = Date.parse(text)
  if (Number.isNaN(moment)) throw new Error(`"${text}" is no time, such as 2026-11-28T09:00:00Z.`)
  return moment
}
