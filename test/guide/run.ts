/** `npm run guide [-- PAGE...]`: runs the commands of pages and writes what they print into them. */
import { writeFile } from 'node:fs/promises'
import * as awsCli from '../aws-cli/setup.ts'
import * as program from '../program/setup.ts'
import { readPage } from './page.ts'
import { nameOf, pageFiles, textOf } from './pages.ts'

const wanted = process.argv.slice(2)
await awsCli.setup()
await program.setup()
// It looks for the program when it is loaded.
const { runPage } = await import('./session.ts')
for (const file of await pageFiles()) {
  if (wanted.length > 0 && !wanted.some((name) => file.endsWith(name))) continue
  const page = readPage(await textOf(file))
  const { outputs, faults } = await runPage(page)
  await writeFile(file, page.withOutputs(outputs))
  console.log(
    `${nameOf(file)}: ${page.commands.filter(({ isShown }) => isShown).length} run, ${page.notRun.length} not`,
  )
  for (const fault of [...page.faults, ...faults]) {
    console.error(fault)
    process.exitCode = 1
  }
}
await program.teardown()
await awsCli.teardown()
