import { FIRST_ACCOUNT } from '../../server/data/accounts.ts'
import type { DataDirectory } from '../../server/data/data-directory.ts'
import { clientProfile, profileNames, profileOf, type ClientProfile } from '../../server/data/profiles.ts'

/** The profile of a data directory by its name. @throws Error that says which there are */
export async function readProfile(data: DataDirectory, name: string): Promise<ClientProfile> {
  const [names, profile] = await Promise.all([profileNames(data), clientProfile(data, name)])
  if (profile !== null) return profile
  throw new Error(
    names.length === 0
      ? `${data.path} has no profiles. Start a server on it with keyspan serve, or give --data.`
      : `"${name}" is no profile of ${data.path}. There are ${names.join(', ')}.`,
  )
}

/** Whose profile a shell has that `keyspan env` has pointed to a data directory; else the first account's root user. */
export function profileOfShell(data: DataDirectory, environment: NodeJS.ProcessEnv): string {
  const { AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: name } = environment
  return file === data.credentials && name !== undefined ? name : profileOf(FIRST_ACCOUNT)
}
