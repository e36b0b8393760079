import { z } from 'zod'
import { askRunningServer } from '../control-client.ts'
import type { DataDirectory } from '../../server/data/data-directory.ts'
import type { Output } from '../speech/output.ts'

/** Which refusals are shown. */
interface Wanted {
  readonly as?: string
  readonly key?: string
  readonly region?: string
  /** How many at most. */
  readonly last: number
  readonly output: Output
}

const listing = z.object({
  refusals: z.array(
    z.object({
      id: z.string(),
      at: z.number(),
      caller: z.string(),
      operation: z.string(),
      region: z.string(),
      resource: z.string().nullable(),
      code: z.string().nullable(),
    }),
  ),
})

/** Prints the newest refusals, the newest first, each with the id by which it is explained. */
export async function listRefusals(data: DataDirectory, wanted: Wanted): Promise<void> {
  const { as: caller = null, key: resource = null, region = null, last: limit, output } = wanted
  const { refusals } = listing.parse(await askRunningServer(data, '/refusals', { caller, resource, region, limit }))
  for (const { at, ...refusal } of refusals) {
    const time = new Date(at).toISOString()
    if (output === 'json') print(JSON.stringify({ time, ...refusal }))
    else print(textOf(time, refusal))
  }
  if (output === 'json') return
  if (refusals.length > 0) print('keyspan explain and an id says why.')
  else print('No such refusal is remembered. The last 1,000 of each account are, for seven days.')
}

type Refusal = Omit<z.infer<typeof listing>['refusals'][number], 'at'>

function textOf(time: string, { id, caller, operation, region, resource, code }: Refusal): string {
  const moment = time.slice(0, 19).replace('T', ' ')
  const passed = code === null ? ', and let pass' : ''
  const on = resource === null ? '' : `\n  on   ${resource}`
  return `${id}  ${moment}  ${operation} in ${region}${passed}\n  for  ${caller}${on}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
