import { isLoopback } from '../http/loopback.ts'
import { ConfigError } from './config-error.ts'
import type { SettingName } from './settings.ts'
import { DEFAULT, readPort, type Value } from './values.ts'

/** Where metrics are served, and to whom. */
export interface MetricsConfig {
  /** 0 takes a free one. */
  readonly port: number
  readonly host: string
  /** The file with the token of whoever may ask; null where everybody may who reaches it. */
  readonly tokenFile: string | null
}

/** @throws ConfigError */
export function readMetrics(value: (name: SettingName) => Value): MetricsConfig | null {
  const [port, host, token] = [value('metrics-port'), value('metrics-host'), value('metrics-token-file')]
  if (port.text === '') {
    const idle = [host, token].find(({ from }) => from !== DEFAULT)
    if (idle === undefined) return null
    throw new ConfigError(`"${idle.text}" from ${idle.from} is for metrics, and none are served: give metrics-port.`)
  }
  if (token.text === '' && !isLoopback(host.text)) {
    throw new ConfigError(
      `Metrics on "${host.text}" from ${host.from} can be asked for by others than this machine: give ` +
        'metrics-token-file a file with a token, such as openssl rand -hex 32 prints, or leave metrics-host at 127.0.0.1.',
    )
  }
  return { port: readPort(port), host: host.text, tokenFile: token.text === '' ? null : token.text }
}
