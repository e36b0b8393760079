import { Command } from 'commander'
import { z } from 'zod'
import { readConfig } from '../server/config/config.ts'
import { ConfigError } from '../server/config/config-error.ts'
import type { SeedError } from '../server/seed/read.ts'
import { askRunningServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { dataOf, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

const exported = z.object({ text: z.string(), seed: z.unknown(), notes: z.array(z.string()) })

/** `keyspan seed check FILE` and `keyspan seed export` */
export function seedCommand(): Command {
  return new Command('seed')
    .description('Checks and writes seeds: what servers for tests begin with.')
    .addCommand(checkCommand())
    .addCommand(exportCommand())
}

function checkCommand(): Command {
  const check = new Command('check')
    .description('Says whether a server could begin with a seed, and what is wrong with it where.')
    .argument('<file>', 'a seed in YAML or JSON')
    .addOption(outputOption())
    .action(async (file: string, { output }: { output: Output }) => {
      if (file === '')
        throw new ConfigError('seed check was given no file: its name is empty. Name one, such as seed.yaml.')
      const mistakes = await mistakesIn(file)
      const found = mistakes?.mistakes ?? []
      const text = mistakes === null ? `${file} is right.\n` : `${mistakes.message}\n`
      answer(output, text, { ok: mistakes === null, mistakes: found })
      process.exitCode = mistakes === null ? 0 : 1
    })
  return withManual(check, {
    more: ['It is planted in a server of its own on this machine, which is gone again.'],
    examples: [['keyspan seed check seed.yaml', 'Prints each mistake with its line and column.']],
    status: ['The seed is right.', 'It is not.'],
  })
}

/** What is wrong with a seed; null where nothing is. */
async function mistakesIn(file: string): Promise<SeedError | null> {
  const { SeedError } = await import('../server/seed/read.ts')
  const { startSeeded } = await import('../server/start-seeded.ts')
  const { pino } = await import('pino')
  try {
    const config = readConfig({ ephemeral: true, seed: file }, {})
    const server = await startSeeded(config, pino({ level: 'silent' }))
    await server.stop()
    return null
  } catch (error) {
    if (error instanceof SeedError) return error
    throw error
  }
}

function exportCommand(): Command {
  const command = withSettings(new Command('export'), ['data', 'config'])
    .description('Writes what a running server has as a seed, on standard output.')
    .option('--material', 'with the materials of keys and the secrets of access keys; in development mode only')
    .addOption(outputOption('YAML for people, or one JSON document'))
    .action(async ({ material = false, output }: { material?: boolean; output: Output }, self: Command) => {
      const { text, seed, notes } = exported.parse(await askRunningServer(dataOf(self), '/seed', { material }))
      for (const note of notes) process.stderr.write(`keyspan: ${note}\n`)
      answer(output, text, seed)
    })
  return withManual(command, {
    more: [
      'Sessions, stacks, the audit log and times of creation are in no seed. Without --material a server that begins with ' +
        'the seed makes new materials and access keys. What else cannot be taken is said on standard error.',
    ],
    examples: [
      [
        '(umask 077; keyspan seed export --material >seed.yaml)',
        'Whoever reads the file can decrypt what its keys have: it is yours alone.',
      ],
    ],
  })
}
