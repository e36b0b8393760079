import { ConfigError } from '../../server/config/config-error.ts'

const OTHERS = 0o077

/**
 * Closes what is left open to others: Node's debugger, which reads every key, to whoever may signal or configure the
 * process, and the files that it makes.
 *
 * @throws ConfigError where the debugger was asked for outside development mode
 */
export function harden(dev: boolean): void {
  // Node opens its inspector on this signal unless somebody else handles it.
  process.on('SIGUSR1', () => {})
  // Whatever the shell says, what this process makes is its owner's alone.
  process.umask(OTHERS)
  const options = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ')]
  const debugging = options.find((option) => option.startsWith('--inspect'))
  if (debugging !== undefined && !dev) {
    throw new ConfigError(`${debugging} would show every key to a debugger. It is allowed with --dev only.`)
  }
}
