import { InvalidArgumentError, Option, type Command } from 'commander'
import { readConfig } from '../server/config/config.ts'
import { DATABASE_SETTINGS, type DatabaseConfig } from '../server/config/database.ts'
import { ROOT_SETTINGS, type RootConfig } from '../server/config/root.ts'
import { SETTINGS } from '../server/config/settings.ts'
import { dataDirectory, type DataDirectory } from '../server/data/data-directory.ts'

type SettingName = (typeof SETTINGS)[number]['name']

/** A command that takes these settings as flags; what is not given comes from the environment and the file. */
export function withSettings(command: Command, names: readonly SettingName[]): Command {
  for (const { name, flag, env, standard, meaning } of SETTINGS) {
    if (!names.includes(name)) continue
    const otherwise = standard === '' ? '' : `, default ${standard}`
    command.addOption(new Option(flag, `${meaning} (${env}${otherwise})`).helpGroup('Settings:'))
  }
  return command
}

/** The data directory that a command is about. */
export function dataOf(command: Command): DataDirectory {
  const { data, rootKey } = readConfig(settingsOf(command), process.env)
  return dataDirectory(data, rootKey)
}

/** The settings by which a command finds what a deployment keeps. */
export const STORE_FLAGS = ['data', ...DATABASE_SETTINGS, 'config'] as const

/** The database that a command is about; null where files are. */
export function databaseOf(command: Command): DatabaseConfig | null {
  return readConfig(settingsOf(command), process.env).database
}

/** The settings by which a command opens the root key. */
export const ROOT_FLAGS = ['root-key', ...ROOT_SETTINGS] as const

/** What the settings say of the root key. */
export function rootConfigOf(command: Command): RootConfig {
  return readConfig(settingsOf(command), process.env).root
}

/** The settings that were given as flags, under their names. */
export function settingsOf(command: Command): Readonly<Record<string, unknown>> {
  const options: Readonly<Record<string, unknown>> = command.opts()
  return Object.fromEntries(SETTINGS.map(({ name }) => [name, options[camelCase(name)]]))
}

function camelCase(name: string): string {
  return name.replaceAll(/-[a-z]/g, (letter) => letter.slice(1).toUpperCase())
}

/** Gathers an option that may be given again. */
export function collectText(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, text]
}

/** Gathers an option `key=value` that may be given again. */
export function collectPair(text: string, others: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new Error(`"${text}" is no key=value.`)
  return { ...others, [text.slice(0, equals)]: text.slice(equals + 1) }
}

/** How far back recorded calls are looked at. */
export function daysOption(): Option {
  return new Option('--days <number>', 'how many days of recorded calls are looked at').default(7).argParser(parseDays)
}

function parseDays(text: string): number {
  const days = Number(text)
  if (!(days > 0 && days <= 3650)) throw new InvalidArgumentError('Give a number of days.')
  return days
}
