import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Region } from '../domain/region.ts'
import { FIRST_ACCOUNT, type RootAccessKey } from './accounts.ts'
import type { DataDirectory } from './data-directory.ts'
import { replaceFile } from './whole-file.ts'

/** The name of an account's profile in the files of the AWS CLI and SDKs. */
export function profileOf(account: string): string {
  return account === FIRST_ACCOUNT ? 'keyspan' : `keyspan-${account}`
}

/** Adds an account's profile to the `credentials` and `config` files in the data directory. */
export async function addProfile(data: DataDirectory, key: RootAccessKey, url: string, region: Region): Promise<void> {
  const profile = profileOf(key.account)
  await setSection(data.credentials, profile, {
    aws_access_key_id: key.accessKeyId,
    aws_secret_access_key: key.secretAccessKey,
  })
  await setSection(data.config, `profile ${profile}`, { region, endpoint_url: url, output: 'json' })
}

/** Makes every profile in the data directory point to where the server is now. */
export async function pointProfiles(data: DataDirectory, url: string): Promise<void> {
  if (!existsSync(data.config)) return
  const text = await readFile(data.config, 'utf8')
  const pointed = text.replaceAll(/^endpoint_url = .*$/gm, `endpoint_url = ${url}`)
  if (pointed !== text) await replaceFile(data.config, pointed)
}

async function setSection(path: string, name: string, values: Readonly<Record<string, string>>): Promise<void> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  const others = text.split(/^(?=\[)/m).filter((section) => section !== '' && !section.startsWith(`[${name}]`))
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`)
  await replaceFile(path, [...others, `[${name}]\n${lines.join('')}\n`].join(''))
}
