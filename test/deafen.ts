import { DatabaseSync } from 'node:sqlite'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import type { TestServer } from './server.ts'

/** While `work` runs, one Region hears nothing of what another says; the other way round, everything goes on. */
export async function whileDeaf<Result>(
  server: TestServer,
  region: string,
  speaker: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const end = deafen(server, region, speaker)
  try {
    return await work()
  } finally {
    end()
  }
}

/** From now on one Region hears nothing of what another says, until the function that is returned is called. */
export function deafen({ path }: TestServer, region: string, speaker: string): () => void {
  // It takes the other for a stranger.
  const known = replaceKey(path, region, speaker, Buffer.from('of another'))
  return () => void replaceKey(path, region, speaker, known)
}

/** Replaces the key by which a Region knows another, and gives back the one that it had. */
function replaceKey(path: string, region: string, peer: string, key: Uint8Array): Uint8Array {
  using database = new DatabaseSync(dataDirectory(path).region(region), { timeout: 10_000 })
  const row = database.prepare('SELECT public_key FROM peer WHERE region = ?').get(peer)
  database.prepare('UPDATE peer SET public_key = ? WHERE region = ?').run(key, peer)
  return row?.['public_key'] as Uint8Array
}
