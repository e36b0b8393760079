import { request } from 'node:http'
import { showProgress } from './speech/progress.ts'
import { requireShortSocket, type DataDirectory } from '../server/data/data-directory.ts'

/** Asks the server that runs on a data directory; null where none does. */
export async function askServer(data: DataDirectory, path: string, body: object): Promise<unknown> {
  requireShortSocket(data)
  using _progress = showProgress(path.slice(1))
  const answer = await send(data.controlSocket, path, JSON.stringify(body))
  if (answer === null) return null
  const content: unknown = JSON.parse(answer.text)
  if (answer.status === 200) return content
  throw new Error(String((content as { error?: unknown }).error))
}

function send(socketPath: string, path: string, body: string): Promise<{ status: number; text: string } | null> {
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
export async function askRunningServer(data: DataDirectory, path: string, body: object): Promise<unknown> {
  const answer = await askServer(data, path, body)
  if (answer === null)
    throw new Error(`No server is running on ${data.path}. Start it with keyspan serve, or give --data.`)
  return answer
}
