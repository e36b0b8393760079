import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { SETTINGS } from '../../src/server/config/settings.ts'
import { companion, hasCompanions } from '../examples/companions.ts'

const deployed = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8')

const containerfile = deployed('Containerfile')
const [, USER = ''] = /^USER (\d+):\d+$/m.exec(containerfile) ?? []
const [, VOLUME = ''] = /^VOLUME (.+)$/m.exec(containerfile) ?? []

/** Names of settings that a file gives by the environment. */
const settingsIn = (text: string) => new Set([...text.matchAll(/\bKEYSPAN_[A-Z_]+\b/g)].map(([name]) => name))
const SETTING_NAMES = SETTINGS.map(({ env }): string => env)

describe('deploy/Containerfile', () => {
  it('runs as a user by its number, on one volume', () => {
    expect(Number(USER)).toBeGreaterThan(0)
    expect(containerfile).toContain(`KEYSPAN_DATA=${VOLUME}/data`)
    expect(SETTING_NAMES).toEqual(expect.arrayContaining([...settingsIn(containerfile)]))
  })

  it('copies what the build is told of, and the build is told of nothing else', () => {
    const ignore = readFileSync(new URL('../../.dockerignore', import.meta.url), 'utf8').split('\n')
    expect(ignore).toContain('*')
    const told = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    const copies = [...containerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    )
    expect(copies.toSorted()).toEqual(told.toSorted())
  })
})

interface Container {
  readonly securityContext: object
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } }
}

interface PodSpec {
  readonly securityContext: object
  readonly containers: readonly [Container]
  readonly volumes: readonly { readonly name: string; readonly secret: object }[]
}

describe('deploy/kubernetes.yaml', () => {
  const text = deployed('kubernetes.yaml')
  const documents = parseAllDocuments(text).map(
    (each) => each.toJS() as { apiVersion: string; kind: string; spec: object },
  )
  const found = (kind: string) => documents.find((each) => each.kind === kind)?.spec
  const { template } = found('StatefulSet') as { template: { metadata: { labels: object }; spec: PodSpec } }
  const [container] = template.spec.containers

  it.skipIf(!hasCompanions)('is of the form that Kubernetes takes', () => {
    type Model = new (content: object) => { validate(): void }
    const validate = (each: { apiVersion: string; kind: string }) => {
      const models = companion(`kubernetes-models/${each.apiVersion}`) as Readonly<Record<string, Model>>
      const Kind = models[each.kind]
      if (Kind === undefined) throw new Error(`${each.apiVersion} has no ${each.kind}.`)
      new Kind(each).validate()
    }
    for (const each of documents) expect(() => validate(each)).not.toThrow()
    expect(() => validate({ ...documents[0], spec: { replicas: 'one' } } as never)).toThrow(/spec/)
  })

  it('gives the server no right that it does not need', () => {
    expect(template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(USER),
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(template.spec).toMatchObject({ automountServiceAccountToken: false })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('fits together: the volume, the root key, the port, the labels', () => {
    const mounts = Object.fromEntries(container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]))
    expect(mounts['data']).toBe(VOLUME)
    const rootKey = container.env.find(({ name }) => name === 'KEYSPAN_ROOT_KEY')?.value
    expect(rootKey).toBe(`${mounts['root-key']}/root.key`)
    expect(template.spec.volumes[0]).toMatchObject({ name: 'root-key', secret: { defaultMode: 0o400 } })
    expect(container.ports).toEqual([{ name: 'kms', containerPort: 7700 }])
    for (const probe of ['startupProbe', 'readinessProbe'] as const) {
      expect(container[probe]?.httpGet).toEqual({ path: '/health', port: 'kms' })
    }
    expect(found('Service')).toMatchObject({ selector: template.metadata.labels, ports: [{ targetPort: 'kms' }] })
    expect(found('NetworkPolicy')).toMatchObject({ podSelector: { matchLabels: template.metadata.labels } })
    expect(SETTING_NAMES).toEqual(expect.arrayContaining([...settingsIn(text)]))
  })
})

describe('deploy/compose.yaml', () => {
  const text = deployed('compose.yaml')
  const compose = parse(text) as {
    readonly services: Readonly<Record<'keyspan' | 'client', Readonly<Record<string, unknown>>>>
    readonly volumes: object
    readonly secrets: object
  }
  const { keyspan, client } = compose.services

  it('gives the server no right that it does not need', () => {
    expect(keyspan).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ports: [expect.stringMatching(/^127\.0\.0\.1:/)],
      volumes: [`data:${VOLUME}`],
    })
  })

  it('fits together: two Regions, the root key, and a client that sees no database', () => {
    expect(keyspan['environment']).toEqual({
      KEYSPAN_REGIONS: 'us-east-1,eu-west-1',
      KEYSPAN_ROOT_KEY: '/run/secrets/root.key',
    })
    expect(compose).toMatchObject({ volumes: { data: null }, secrets: { 'root.key': {} } })
    expect(client).toMatchObject({
      profiles: ['client'],
      user: `${USER}:${USER}`,
      volumes: [{ source: 'data', read_only: true, volume: { subpath: 'data/aws' } }],
    })
  })
})
