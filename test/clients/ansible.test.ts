import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../server.ts'
import { hasTool, profileOf, runTool } from './tools.ts'

const PLAYBOOK = new URL('estate.yml', import.meta.url).pathname
const hasAnsible = hasTool('ansible-doc', ['-t', 'module', 'amazon.aws.kms_key'], `${PLAYBOOK} needs Ansible`)

describe.skipIf(!hasAnsible)('Ansible: kms_key, kms_key_info and iam_role', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('make a key, find it, change it and take it away, each twice with one effect', { timeout: 180_000 }, async () => {
    const env = { ...profileOf(server), KEYSPAN_URL: server.url, ANSIBLE_LOCALHOST_WARNING: 'false' }
    const said = await runTool('ansible-playbook', ['-i', 'localhost,', PLAYBOOK], env)
    expect(said).toMatch(/failed=0/)
  })
})
