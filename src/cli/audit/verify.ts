import { Command } from 'commander'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DataDirectory } from '../../server/data/data-directory.ts'
import type { AuditReport } from '../../server/transparency/verify/verify.ts'
import type { LogReport } from '../../server/transparency/verify/report.ts'
import { withManual } from '../speech/manual.ts'
import { lookAtStores } from '../../server/data/find-stores.ts'
import { databaseOf, dataOf, ROOT_FLAGS, STORE_FLAGS, withSettings } from '../options.ts'
import { openRootOf } from '../passphrase.ts'
import { answer, inColor, outputOption, type Output } from '../speech/output.ts'
import { showProgress } from '../speech/progress.ts'

/** `keyspan audit verify [DIR]` */
export function verifyCommand(): Command {
  const verify = withSettings(new Command('verify'), [...STORE_FLAGS, ...ROOT_FLAGS])
    .description('Says whether the audit log, and what the databases hold, are what they were when they were written.')
    .argument('[dir]', 'what keyspan audit export has written; the data of a server where none is named')
    .addOption(outputOption())
    .action(async (dir: string | undefined, { output }: { output: Output }, command: Command) => {
      const { verifyData, verifyExport } = await import('../../server/transparency/verify/verify.ts')
      const progress = showProgress('audit verify')
      const report = dir === undefined ? await verifyHere() : await verifyExport(resolve(dir))
      progress[Symbol.dispose]()
      answer(output, textOf(report), report)
      process.exitCode = report.isGood ? 0 : 1

      async function verifyHere() {
        const data = dataOf(command)
        await using stores = await lookAtStores(data, databaseOf(command))
        return await verifyData(data, await rootOf(command, data), stores)
      }
    })
  return withManual(verify, {
    more: [
      'Every record is held against the Merkle tree of its log, the tree against the checkpoint that the log has signed ' +
        'and against what the other Regions have seen of it, and every row of the databases against the digest that the ' +
        'checkpoint names. Files are read, and nothing is changed: the server may be running, or not.',
      'It needs the root key for the databases. An export is checked by what is in it alone: compare the keys in its ' +
        'export.json with those that you know.',
    ],
    examples: [
      ['keyspan audit verify', 'Checks everything, and names each thing that is not as it was.'],
      ['keyspan audit verify /media/export', 'Checks an export, on any machine.'],
      ["keyspan audit verify --output json | jq '.findings[]'", 'Prints each finding for a program.'],
    ],
    status: ['All is as it was.', 'Something is not, or is missing: each thing is named.'],
  })
}

/** The root key, where it is there. */
async function rootOf(command: Command, data: DataDirectory) {
  const isInFile = !existsSync(data.keyring)
  return isInFile && !existsSync(data.rootKey) ? null : openRootOf(command, data, false)
}

function textOf({ isGood, logs, findings }: AuditReport): string {
  const all = logs.map(logText).join('')
  const more = logs.reduce((sum, { unlisted }) => sum + unlisted, 0)
  const found = findings.length + more
  const verdict = isGood
    ? inColor('green', 'All is as it was.')
    : inColor('red', found === 1 ? 'One thing is not as it was.' : `${found} things are not as they were.`)
  return `${all}\n${verdict}\n`
}

function logText({
  place,
  records,
  uncovered,
  checkpoint,
  witnesses,
  rows,
  findings,
  unlisted,
  notes,
}: LogReport): string {
  const lines = [
    `${count(records, 'record')}${uncovered > 0 ? `, ${uncovered} of them newer than the last checkpoint` : ''}`,
    ...(checkpoint === null ? [] : [`checkpoint of ${count(checkpoint.size, 'record')}, made ${checkpoint.time}`]),
    ...witnesses.map((each) => `${each.place} vouches for ${count(each.size, 'record')}, as of ${each.time}`),
    ...(rows === null ? [] : ['its database was looked at, row by row']),
    ...notes.map((note) => inColor('yellow', note)),
    ...findings.map(({ text }) => inColor('red', `NOT AS IT WAS: ${text.replace(/\.?$/, '.')}`)),
    ...(unlisted > 0 ? [`and ${unlisted} more`] : []),
  ]
  return `${place}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

function count(number: number, thing: string): string {
  return number === 1 ? `one ${thing}` : `${number} ${thing}s`
}
