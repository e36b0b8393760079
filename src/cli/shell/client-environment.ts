import type { DataDirectory } from '../../server/data/data-directory.ts'

/** What the AWS CLI and SDKs need in their environment to use a profile of a server, and nothing else. */
export function clientEnvironment(data: DataDirectory, profile: string): Readonly<Record<string, string>> {
  return {
    AWS_SHARED_CREDENTIALS_FILE: data.credentials,
    AWS_CONFIG_FILE: data.config,
    AWS_PROFILE: profile,
  }
}

/** They win over a profile: with one of them a client would be somebody else, or talk to somebody else. */
const IN_THE_WAY =
  /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|ENDPOINT_URL(?:_\w+)?|IGNORE_CONFIGURED_ENDPOINT_URLS|DEFAULT_PROFILE)$/

/** The variables of an environment that stand in the way of a profile. */
export function inTheWay(environment: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(environment)
    .filter((name) => IN_THE_WAY.test(name))
    .toSorted()
}
