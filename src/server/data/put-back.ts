import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { z } from 'zod'
import type { Region } from '../../domain/region.ts'
import { replaceFile } from '../../storage/whole-file.ts'
import type { DataDirectory } from './data-directory.ts'

/** Why each Region that was put back was. */
const shape = z.record(z.string(), z.string())

/** Why a Region was put back, by what somebody has said; null where nobody has, or it has begun another life since. */
export function putBackSaid(data: Pick<DataDirectory, 'putBack'>, region: Region): string | null {
  return read(data)[region] ?? null
}

/** Says that Regions were put back: each begins another life when it is opened next. */
export async function sayPutBack(
  data: Pick<DataDirectory, 'putBack'>,
  regions: readonly Region[],
  why: string,
): Promise<void> {
  const said = Object.fromEntries(regions.map((region) => [region, why]))
  await replaceFile(data.putBack, `${JSON.stringify({ ...read(data), ...said }, null, 2)}\n`)
}

/** A Region has begun another life. Cut off before, it begins one more. */
export async function unsayPutBack(data: Pick<DataDirectory, 'putBack'>, region: Region): Promise<void> {
  const { [region]: _said, ...rest } = read(data)
  if (Object.keys(rest).length === 0) await rm(data.putBack, { force: true })
  else await replaceFile(data.putBack, `${JSON.stringify(rest, null, 2)}\n`)
}

function read({ putBack }: Pick<DataDirectory, 'putBack'>): Readonly<Record<Region, string>> {
  return existsSync(putBack) ? shape.parse(JSON.parse(readFileSync(putBack, 'utf8'))) : {}
}
