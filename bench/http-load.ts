/** A load by wrk, which costs a fraction of what any server does: the server is what is measured. */
import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeTemporaryDirectory, removeTemporaryDirectory } from '../src/server/temporary-directory.ts'

/** What a load has measured. Latencies are in milliseconds. */
export interface Load {
  readonly requests: number
  readonly perSecond: number
  readonly median: number
  readonly p99: number
  /** By how many of a hundred requests had none longer. */
  readonly latencies: readonly { readonly percent: number; readonly ms: number }[]
}

const PERCENTS = [10, 25, 50, 75, 90, 95, 99, 99.9]
/** What a server in a process of its own leaves to the load, where there is more than one processor. */
const LOAD_PROCESSOR = 1

/** Goes through the requests in turn, and says in the end what has come of them, as JSON. */
const SCRIPT = `
local requests, n = {}, 0
local file = io.open(os.getenv('REQUESTS'), 'rb')
while true do
  local length = file:read('*n')
  if not length then break end
  file:read(1)
  requests[#requests + 1] = file:read(length)
end
function request()
  n = n % #requests + 1
  return requests[n]
end
function done(summary, latency)
  local parts = {}
  for percent in string.gmatch('${PERCENTS.join(' ')}', '%S+') do
    parts[#parts + 1] = string.format('{"percent":%s,"ms":%f}', percent, latency:percentile(tonumber(percent)) / 1000)
  end
  local errors = summary.errors
  print(string.format('\\n{"requests":%d,"seconds":%f,"refused":%d,"broken":%d,"latencies":[%s]}', summary.requests,
    summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    table.concat(parts, ',')))
end
`

/** @throws Error where wrk, or what holds it to a processor, is not installed */
export function requireLoad(): void {
  for (const [program, from] of [
    ['wrk', 'apt-get install wrk'],
    ['taskset', 'apt-get install util-linux'],
  ] as const) {
    if (spawnSync(program, ['--version']).error !== undefined) throw new Error(`${program} is not installed: ${from}`)
  }
}

interface Measured {
  readonly requests: number
  readonly seconds: number
  readonly refused: number
  readonly broken: number
  readonly latencies: Load['latencies']
}

/**
 * Sends requests over a number of connections, each with one request under way, for some seconds.
 *
 * @param requests whole HTTP/1.1 messages that were built beforehand
 * @param status that each answer must have
 * @throws Error for any other answer, and where wrk is not installed
 */
export async function load(
  url: string,
  requests: readonly Buffer[],
  connections: number,
  seconds: number,
  status = 200,
): Promise<Load> {
  const directory = await makeTemporaryDirectory()
  try {
    const [script, file] = [join(directory, 'load.lua'), join(directory, 'requests')]
    await writeFile(script, SCRIPT)
    await writeFile(file, Buffer.concat(requests.flatMap((each) => [Buffer.from(`${each.length}\n`), each])))
    const wrk = [
      'wrk',
      '-t',
      '1',
      '-c',
      String(connections),
      '-d',
      `${Math.max(1, Math.round(seconds))}s`,
      '-s',
      script,
      // A process that is held to a share of a core may take long, and none gives up.
      '--timeout',
      '30s',
    ]
    const pin = availableParallelism() > 1 ? ['taskset', '-c', String(LOAD_PROCESSOR)] : ['env']
    const [command, ...args] = [...pin, ...wrk, url]
    const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, REQUESTS: file } })
    return loadOf(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured, url, status)
  } catch (error) {
    requireLoad()
    throw error
  } finally {
    await removeTemporaryDirectory(directory)
  }
}

function loadOf({ requests, seconds, refused, broken, latencies }: Measured, url: string, status: number): Load {
  const others = status < 400 ? refused : requests - refused
  if (broken > 0 || others > 0 || requests === 0) {
    throw new Error(
      `Of ${requests} requests to ${url}, ${others} were not answered with ${status}, and ${broken} broke off.`,
    )
  }
  const at = (percent: number) => latencies.find((each) => each.percent === percent)?.ms ?? Number.NaN
  return { requests, perSecond: requests / seconds, median: at(50), p99: at(99), latencies }
}
