import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Region } from '../../domain/region.ts'
import type { NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import { FIRST_ACCOUNT } from './accounts.ts'
import type { DataDirectory } from './data-directory.ts'
import { replaceFile } from '../../storage/whole-file.ts'

/** The name of an account's profile in the files of the AWS CLI and SDKs. */
export function profileOf(account: string): string {
  return account === FIRST_ACCOUNT ? 'keyspan' : `keyspan-${account}`
}

/** What a profile says of the server. */
export interface ProfilePlace {
  readonly url: string
  readonly region: Region
}

/** Adds a profile to the `credentials` and `config` files in the data directory, or writes it anew. */
export async function addProfile(
  data: DataDirectory,
  profile: string,
  key: NewAccessKey,
  { url, region }: ProfilePlace,
): Promise<void> {
  await setSection(data.credentials, profile, {
    aws_access_key_id: key.accessKeyId,
    aws_secret_access_key: key.secretAccessKey,
  })
  await setSection(data.config, `profile ${profile}`, { region, endpoint_url: url, output: 'json' })
}

/** The id of the access key in a profile; null where there is no such profile. */
export function accessKeyOf(data: DataDirectory, profile: string): Promise<string | null> {
  return valueIn(data.credentials, profile, 'aws_access_key_id')
}

/** Where the server was that has written a profile; null where there is no such profile. */
export function addressOf(data: DataDirectory, profile: string): Promise<string | null> {
  return valueIn(data.config, `profile ${profile}`, 'endpoint_url')
}

/** What a client needs that asks the server as somebody. */
export interface ClientProfile extends ProfilePlace {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A profile as its clients use it; null where there is no such profile. */
export async function clientProfile(data: DataDirectory, profile: string): Promise<ClientProfile | null> {
  const [accessKeyId, secretAccessKey, url, region] = await Promise.all([
    accessKeyOf(data, profile),
    valueIn(data.credentials, profile, 'aws_secret_access_key'),
    addressOf(data, profile),
    valueIn(data.config, `profile ${profile}`, 'region'),
  ])
  if (accessKeyId === null || secretAccessKey === null || url === null || region === null) return null
  return { accessKeyId, secretAccessKey, url, region }
}

/** The profiles in the data directory. */
export async function profileNames(data: DataDirectory): Promise<readonly string[]> {
  if (!existsSync(data.credentials)) return []
  const text = await readFile(data.credentials, 'utf8')
  return [...text.matchAll(/^\[(.+)\]$/gm)].map(([, name = '']) => name)
}

/** Makes every profile in the data directory point to where the server is now. */
export async function pointProfiles(data: DataDirectory, url: string): Promise<void> {
  if (!existsSync(data.config)) return
  const text = await readFile(data.config, 'utf8')
  const pointed = text.replaceAll(/^endpoint_url = .*$/gm, `endpoint_url = ${url}`)
  if (pointed !== text) await replaceFile(data.config, pointed)
}

async function valueIn(path: string, name: string, key: string): Promise<string | null> {
  const section = (await sectionsOf(path)).find((each) => each.startsWith(`[${name}]`)) ?? ''
  const line = section.split('\n').find((each) => each.startsWith(`${key} = `))
  return line?.slice(`${key} = `.length) || null
}

/** The sections of a file of profiles, each with its head; none where there is no file. */
async function sectionsOf(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return []
  return (await readFile(path, 'utf8')).split(/^(?=\[)/m)
}

async function setSection(path: string, name: string, values: Readonly<Record<string, string>>): Promise<void> {
  const others = (await sectionsOf(path)).filter((section) => section !== '' && !section.startsWith(`[${name}]`))
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`)
  await replaceFile(path, [...others, `[${name}]\n${lines.join('')}\n`].join(''))
}
