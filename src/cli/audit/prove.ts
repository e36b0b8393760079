import { Command } from 'commander'
import { withManual } from '../speech/manual.ts'
import { lookAtStores } from '../../server/data/find-stores.ts'
import { databaseOf, dataOf, STORE_FLAGS, withSettings } from '../options.ts'
import { outputOption, type Output } from '../speech/output.ts'
import { showProgress } from '../speech/progress.ts'

/** `keyspan audit prove EVENTID` */
export function proveCommand(): Command {
  const prove = withSettings(new Command('prove'), STORE_FLAGS)
    .description('Prints a proof that a record stands in the audit log, for whoever has the public keys.')
    .argument('<event>', 'the eventID of a record')
    .addOption(outputOption('a proof as C2SP’s tlog-proof has it, or one JSON document with the keys'))
    .action(async (event: string, { output }: { output: Output }, command: Command) => {
      const { proofText, proveRecord } = await import('../../server/transparency/verify/prove.ts')
      const progress = showProgress('audit prove')
      const data = dataOf(command)
      await using stores = await lookAtStores(data, databaseOf(command))
      const proof = await proveRecord(data, event, stores)
      progress[Symbol.dispose]()
      // As it is: a byte more or less, and it proves nothing.
      process.stdout.write(output === 'json' ? `${JSON.stringify(proof, null, 2)}\n` : proofText(proof))
    })
  return withManual(prove, {
    more: [
      'The proof has the record itself (as its extra data), its place, the hashes that lead from it to the root of the ' +
        'tree, and the checkpoint with the signatures of the log and of the Regions that vouch for it. Any tool for C2SP’s ' +
        'formats can check it; examples/audit-proof has one of some thirty lines.',
    ],
    examples: [
      ['keyspan audit prove 8e8fd8a5-3f6b-4fd9-9bd0-cf0e9a9c1f1c', 'Prints the proof of one record.'],
      [
        "keyspan audit prove --output json 8e8fd8a5-3f6b-4fd9-9bd0-cf0e9a9c1f1c | jq -r '.key, .witnesses[]'",
        'Prints the public keys that it is checked by.',
      ],
    ],
  })
}
