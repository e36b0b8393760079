import { describe, expect, it } from 'vitest'
import { answerPlain } from './plain-requests.ts'

const request = (method: string, path: string) => ({
  method,
  path,
  query: '',
  headers: {},
  body: Buffer.alloc(0),
  sourceIp: '127.0.0.1',
  secure: false,
})
const kept = { isHealthy: () => true, reset: null, console: null, role: null }

describe('What is asked without a signature', () => {
  it('is whether the server is well', async () => {
    expect(await answerPlain(request('GET', '/health'), kept)).toMatchObject({ status: 200, body: '{"status":"ok"}' })
    const ill = { ...kept, isHealthy: () => false }
    expect(await answerPlain(request('GET', '/health'), ill)).toMatchObject({
      status: 503,
      body: '{"status":"not ok"}',
    })
  })

  it('is which of several processes leads, where there are several', async () => {
    const statusOf = async (role: 'leader' | 'follower') =>
      (await answerPlain(request('GET', '/health/leader'), { ...kept, role }))?.status
    expect([await statusOf('leader'), await statusOf('follower')]).toEqual([200, 503])
    const body = '{"status":"ok","role":"follower"}'
    expect(await answerPlain(request('GET', '/health'), { ...kept, role: 'follower' })).toMatchObject({ body })
    expect(answerPlain(request('GET', '/health/leader'), kept)).toBeNull()
  })

  it('is to begin anew, of an ephemeral server only', async () => {
    let resets = 0
    const reset = async (): Promise<void> => {
      resets += 1
    }
    expect(await answerPlain(request('POST', '/reset'), { ...kept, reset })).toMatchObject({ status: 200 })
    expect(resets).toBe(1)
    expect(answerPlain(request('POST', '/reset'), kept)).toBeNull()
  })

  it.each(['POST /health', 'GET /', 'GET /health/', 'GET /reset', 'POST /'])('is not %s', (line) => {
    const [method = '', path = ''] = line.split(' ')
    expect(answerPlain(request(method, path), { ...kept, reset: async () => {} })).toBeNull()
  })
})
