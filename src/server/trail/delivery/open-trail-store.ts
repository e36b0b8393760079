import { resolve } from 'node:path'
import { isEndpoint, type TrailsConfig } from '../../config/trails.ts'
import type { DataDirectory } from '../../data/data-directory.ts'
import { directoryStore } from './directory-store.ts'
import { readCredentialsFile } from '../../aws/credentials.ts'
import { s3Store } from './s3-store.ts'
import type { TrailStore } from './trail-store.ts'

/**
 * Where trails are delivered as the configuration says it.
 *
 * @throws ConfigError where there are no credentials in their file
 */
export function openTrailStore({ to, credentials }: TrailsConfig, data: DataDirectory): TrailStore {
  if (to === null || credentials === null || !isEndpoint(to))
    return directoryStore(to === null ? data.trails : resolve(to))
  readCredentialsFile(credentials)
  return s3Store(to, credentials)
}
