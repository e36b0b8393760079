import { afterAll, describe, expect, it } from 'vitest'
import { hasTool } from '../clients/tools.ts'
import { readPage } from './page.ts'
import { nameOf, pageFiles, textOf } from './pages.ts'
import { runPage } from './session.ts'

const isAble =
  hasTool('aws', ['--version'], 'the commands of the guide need the AWS CLI') &&
  hasTool('openssl', ['version'], 'the commands of the guide need openssl')
const LIMIT_MS = 200_000

const files = await pageFiles()
const count = { run: 0, not: 0 }

describe.concurrent('The guide', () => {
  it.for(files.map(nameOf))('%s has no command that is neither run nor excused', async (name) => {
    const page = readPage(await textOf(files.find((file) => nameOf(file) === name) ?? ''))
    count.run += page.commands.filter(({ isShown }) => isShown).length
    count.not += page.notRun.length
    expect(page.faults).toEqual([])
  })

  it.skipIf(!isAble).for(files.map(nameOf))(
    '%s says what its commands print',
    { timeout: LIMIT_MS },
    async (name, { expect: expectHere }) => {
      const text = await textOf(files.find((file) => nameOf(file) === name) ?? '')
      const page = readPage(text)
      const { outputs, faults } = await runPage(page)
      expectHere(faults).toEqual([])
      expectHere(page.withOutputs(outputs), 'npm run guide writes what is printed').toBe(text)
    },
  )
})

afterAll(() => console.log(`The guide: ${count.run} commands are run, ${count.not} blocks are not.`))
