import { ConfigError } from '../server/config.ts'

/**
 * Closes what Node leaves open to whoever may signal or configure the process: its debugger, which reads every key.
 *
 * @throws ConfigError where the debugger was asked for outside development mode
 */
export function harden(dev: boolean): void {
  // Node opens its inspector on this signal unless somebody else handles it.
  process.on('SIGUSR1', () => {})
  const options = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ')]
  const debugging = options.find((option) => option.startsWith('--inspect'))
  if (debugging !== undefined && !dev) {
    throw new ConfigError(`${debugging} would show every key to a debugger. It is allowed with --dev only.`)
  }
}
