import type { DataDirectory } from '../../server/data/data-directory.ts'

/** By these variables clients ask a proxy, which would see what they send. */
const PROXY = /^(?:https?|all)_proxy$/i

/**
 * What the AWS CLI and SDKs need in their environment to use a profile of a server, and nothing else.
 *
 * @param url where the server is: no proxy comes between
 */
export function clientEnvironment(
  data: DataDirectory,
  profile: string,
  url: string,
  environment: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  return {
    ...(Object.keys(environment).some((name) => PROXY.test(name)) && pastProxy(new URL(url).hostname, environment)),
    AWS_SHARED_CREDENTIALS_FILE: data.credentials,
    AWS_CONFIG_FILE: data.config,
    AWS_PROFILE: profile,
  }
}

/** Both spellings are asked for: which one counts differs from client to client. */
function pastProxy(host: string, { NO_PROXY, no_proxy }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const others = (no_proxy ?? NO_PROXY ?? '').split(',').filter((each) => each !== '' && each !== host)
  const all = [...others, host].join(',')
  return { NO_PROXY: all, no_proxy: all }
}

/** They win over a profile: with one of them a client would be somebody else, or talk to somebody else. */
const IN_THE_WAY =
  /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|WEB_IDENTITY_TOKEN_FILE|ROLE_ARN|ROLE_SESSION_NAME|(?:DEFAULT_)?REGION|ENDPOINT_URL(?:_\w+)?|IGNORE_CONFIGURED_ENDPOINT_URLS|DEFAULT_PROFILE)$/

/** The variables of an environment that stand in the way of a profile. */
export function inTheWay(environment: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(environment)
    .filter((name) => IN_THE_WAY.test(name))
    .toSorted()
}
