import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that a system takes for whoever asks for any: none of these is taken by chance. */
const [FIRST, COUNT] = [10_000, 22_000]
let tried = Math.floor(Math.random() * COUNT)

/** A port that nobody listens on now, and that nothing takes before whoever asked for it. */
export async function freePort(): Promise<number> {
  for (let left = COUNT; left > 0; left -= 1) {
    tried = (tried + 1) % COUNT
    const port = FIRST + tried
    if ((await isOurs(port)) && (await isFree(port))) return port
  }
  throw new Error('No port is free.')
}

/** Whether no process of tests was given it before. A port of UDP says so, which is free again when the process ends. */
async function isOurs(port: number): Promise<boolean> {
  const mark = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true })
  const isBound = await begins(mark)
  if (isBound) mark.unref()
  return isBound
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1')
  if (!(await begins(probe))) return false
  probe.close()
  await once(probe, 'close')
  return true
}

/** Whether it listens; false where its port is taken. */
function begins(socket: NodeJS.EventEmitter): Promise<boolean> {
  return once(socket, 'listening').then(
    () => true,
    () => false,
  )
}
