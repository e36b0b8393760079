import { Command } from 'commander'
import { resolve } from 'node:path'
import { withManual } from '../speech/manual.ts'
import { lookAtStores } from '../../server/data/find-stores.ts'
import { databaseOf, dataOf, STORE_FLAGS, withSettings } from '../options.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'
import { showProgress } from '../speech/progress.ts'

/** `keyspan audit export DIR` */
export function exportCommand(): Command {
  const command = withSettings(new Command('export'), STORE_FLAGS)
    .description('Writes what somebody else needs to check the audit log without any secret.')
    .argument('<dir>', 'an empty or a new directory')
    .addOption(outputOption())
    .action(async (dir: string, { output }: { output: Output }, self: Command) => {
      const { exportAudit } = await import('../../server/transparency/verify/export.ts')
      const target = resolve(dir)
      const progress = showProgress('audit export')
      const data = dataOf(self)
      await using stores = await lookAtStores(data, databaseOf(self))
      const made = await exportAudit(data, target, Date.now(), stores)
      progress[Symbol.dispose]()
      const lines = made.logs.map(
        ({ place, records }) => `${place}: ${records === 1 ? 'one record' : `${records} records`}\n`,
      )
      const text = `${lines.join('')}The audit log is in ${target}. To check it, on any machine: keyspan audit verify ${dir}\n`
      answer(output, text, { directory: target, ...made })
    })
  return withManual(command, {
    more: [
      'For each log there are its files up to the last checkpoint that others have vouched for, the tiles of its Merkle ' +
        'tree and the checkpoint, in the formats of C2SP (tlog-tiles, tlog-checkpoint, tlog-cosignature); export.json ' +
        'has the public keys. Records tell who did what: give them to those only who may know.',
    ],
    examples: [['keyspan audit export /media/export', 'Writes the records of all Regions, with their proofs.']],
  })
}
