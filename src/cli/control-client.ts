import { request } from 'node:http'
import { showProgress } from './speech/progress.ts'
import { ELSEWHERE_STATUS } from '../server/control-socket.ts'
import { requireShortSocket, type DataDirectory } from '../server/data/data-directory.ts'

/** Asks the server that runs on a data directory; null where none does, or it follows another one. */
export async function askServer(data: DataDirectory, path: string, body: object | Buffer): Promise<unknown> {
  return ask(data, path, body, () => null)
}

/** @param elsewhere what becomes of it where another process would have to be asked, with what says so */
async function ask(
  data: DataDirectory,
  path: string,
  body: object | Buffer,
  elsewhere: (reason: string) => null,
): Promise<unknown> {
  requireShortSocket(data)
  using _progress = showProgress(path.slice(1))
  const answer = await send(data.controlSocket, path, Buffer.isBuffer(body) ? body : JSON.stringify(body))
  if (answer === null) return null
  const content = parseAnswer(answer.text)
  if (answer.status === 200 && content !== null) return content
  if (answer.status === ELSEWHERE_STATUS) return elsewhere(String(content?.['error']))
  if (typeof content?.['error'] === 'string') throw new Error(content['error'])
  throw new Error(`What listens on ${data.controlSocket} does not answer as a server of this version does.`)
}

function parseAnswer(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Record<string, unknown> | null
  } catch {
    return null
  }
}

function send(
  socketPath: string,
  path: string,
  body: string | Buffer,
): Promise<{ status: number; text: string } | null> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, method: 'POST' }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    asking.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null)
      else if (error.code === 'EACCES')
        reject(new Error(`The server on ${socketPath} runs as another user. Run this command as that user.`))
      else reject(error)
    })
    asking.end(body)
  })
}

/** Asks the server, which must be running. */
export async function askRunningServer(data: DataDirectory, path: string, body: object | Buffer): Promise<unknown> {
  const answer = await ask(data, path, body, (reason) => {
    throw new Error(reason)
  })
  if (answer === null)
    throw new Error(`No server is running on ${data.path}. Start it with keyspan serve, or give --data.`)
  return answer
}
