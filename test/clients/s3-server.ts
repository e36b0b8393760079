import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { hasTool } from './tools.ts'

/** Buckets on this machine, which are gone with it: moto's S3. */
export interface S3Server {
  readonly url: string
  makeBucket(name: string): Promise<void>
  /** What an object holds. */
  read(bucket: string, object: string): Promise<Buffer>
  write(bucket: string, object: string, bytes: Uint8Array): Promise<void>
  remove(bucket: string, object: string): Promise<void>
  list(bucket: string): Promise<readonly string[]>
  stop(): Promise<void>
}

/** It looks for a signature, and not whether it is right. */
const ANYBODY = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=anybody/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
}

/** Says whether moto is on this machine. */
export function hasS3Server(needed: string): boolean {
  return hasTool('moto_server', ['--help'], `${needed} needs moto_server`)
}

/** Starts one on a port; a free one where none is given. */
export async function startS3Server(port?: number): Promise<S3Server> {
  const url = `http://127.0.0.1:${port ?? (await freePort())}`
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', new URL(url).port], { stdio: 'ignore' })
  const ask = async (method: string, path: string, body?: Uint8Array): Promise<Buffer> => {
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: ANYBODY,
      ...(body !== undefined && { body: new Uint8Array(body) }),
    })
    const answer = Buffer.from(await response.arrayBuffer())
    if (response.ok) return answer
    throw new Error(`${method} ${path}: ${response.status} ${answer.toString()}`)
  }
  const isUp = () =>
    fetch(`${url}/moto-api/`).then(
      () => true,
      () => false,
    )
  for (const deadline = Date.now() + 30_000; !(await isUp());) {
    if (Date.now() > deadline) throw new Error('moto_server does not start.')
    await setTimeout(100)
  }
  return {
    url,
    async makeBucket(name) {
      await ask('PUT', name)
    },
    read: (bucket, object) => ask('GET', `${bucket}/${object}`),
    async write(bucket, object, bytes) {
      await ask('PUT', `${bucket}/${object}`, bytes)
    },
    async remove(bucket, object) {
      await ask('DELETE', `${bucket}/${object}`)
    },
    async list(bucket) {
      const text = (await ask('GET', `${bucket}?list-type=2&max-keys=1000`)).toString()
      return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key)
    },
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return
      const end = once(server, 'exit')
      server.kill('SIGKILL')
      await end
    },
  }
}
