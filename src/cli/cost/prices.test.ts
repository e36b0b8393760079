import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { AWS_PRICES, pricesIn, readPrices } from './prices.ts'

/** Reads a table from a file with this text. */
async function read(text: string) {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'keyspan-'))
  const file = join(directory.path, 'prices.yaml')
  await writeFile(file, text)
  return readPrices(file)
}

it.each([
  ['YAML', stringify(AWS_PRICES)],
  ['JSON', JSON.stringify(AWS_PRICES)],
])('reads the table as it is printed, in %s', async (_form, text) => {
  expect(await read(text)).toEqual(AWS_PRICES)
})

it.each([
  ['a price that is no number', { key: 'one' }, '"key"'],
  ['a price below nothing', { rotation: -1 }, '"rotation"'],
  ['a kind of requests that is missing', { per10000: { standard: 0.03 } }, '"per10000.rsa2048"'],
  ['a date that is none', { date: 'yesterday' }, '"date"'],
  ['a member of a Region that there is not', { regions: { 'sa-east-1': { keys: 1 } } }, '"regions.sa-east-1"'],
])('names %s', async (_what, change, member) => {
  await expect(read(stringify({ ...AWS_PRICES, ...change }))).rejects.toThrow(`is no table of prices: ${member}`)
})

it('says that a file is neither YAML nor JSON', async () => {
  await expect(read('{"key": ')).rejects.toThrow('is neither YAML nor JSON')
})

it('takes what a Region does not say from all others', () => {
  const table = { ...AWS_PRICES, regions: { 'sa-east-1': { key: 2 } } }
  expect(pricesIn(table, 'sa-east-1')).toEqual({ ...pricesIn(table, 'us-east-1'), key: 2 })
})
