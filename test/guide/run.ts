/** `npm run guide [-- PAGE...]`: runs the commands of pages and writes what they print into them. */
import { writeFile } from 'node:fs/promises'
import { setup, teardown } from '../aws-cli/setup.ts'
import { readPage } from './page.ts'
import { nameOf, pageFiles, textOf } from './pages.ts'
import { buildProgram, runPage } from './session.ts'

const wanted = process.argv.slice(2)
await setup()
await using program = await buildProgram()
for (const file of await pageFiles()) {
  if (wanted.length > 0 && !wanted.some((name) => file.endsWith(name))) continue
  const page = readPage(await textOf(file))
  const { outputs, faults } = await runPage(page, program)
  await writeFile(file, page.withOutputs(outputs))
  console.log(
    `${nameOf(file)}: ${page.commands.filter(({ isShown }) => isShown).length} run, ${page.notRun.length} not`,
  )
  for (const fault of [...page.faults, ...faults]) {
    console.error(fault)
    process.exitCode = 1
  }
}
await teardown()
