import { existsSync } from 'node:fs'
import {
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalOf, untilState } from '../clients/kms-client.ts'
import { policyOf } from '../clients/principals.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { moveHome } from '../../src/server/data/move-home.ts'
import { AWAY, FAR, HOME, startTestServer } from '../server.ts'
import { askControl, createAccount } from '../control.ts'
import { startPlaces, trust, type Place, type Places } from './places.ts'

const GUEST = '444455556666'

let places: Places
let home: Place
let away: Place

beforeAll(async () => {
  places = await startPlaces([HOME, AWAY], { 'metrics-port': 0 })
  home = places.of(HOME)
  away = places.of(AWAY)
})
afterAll(() => places[Symbol.asyncDispose]())

const kms = async (
  place: Pick<Place, 'region' | 'url' | 'credentials'>,
  own?: { accessKeyId: string; secretAccessKey: string },
) =>
  new KMSClient({
    region: place.region,
    endpoint: place.url,
    credentials: own ?? (await place.credentials()),
    maxAttempts: 1,
  })

async function familyOf(place: Place, id: string): Promise<string> {
  const key = `arn:aws:kms:${place.region}:111122223333:key/${id}`
  return ((await askControl(place, '/family', { key })) as { text: string }).text
}

describe('Regions in different places', () => {
  it('are one deployment: a key is made here, replicated there, used and rotated in both, and its primary moves', async () => {
    const [here, there] = [await kms(home), await kms(away)]
    const { KeyMetadata } = await here.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(there, KeyId, 'Enabled')
    const { CiphertextBlob } = await here.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('attack at dawn') }))
    const opened = await there.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('attack at dawn')

    await here.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
    await expect
      .poll(async () => {
        const { KeyMetadata: now } = await there.send(new DescribeKeyCommand({ KeyId }))
        return now?.MultiRegionConfiguration?.MultiRegionKeyType
      })
      .toBe('PRIMARY')
    await untilState(here, KeyId, 'Enabled')
    await there.send(new RotateKeyOnDemandCommand({ KeyId }))
    await expect.poll(() => familyOf(home, KeyId)).toMatch(/^role +replica +primary +differs$/m)
    await expect.poll(() => familyOf(away, KeyId)).not.toMatch(/yet to hear|on its way/)
    // Nothing is said of a Region that was not looked at.
    const asked = { actions: [], principals: [], regions: [], context: {}, after: null }
    const arn = `arn:aws:kms:${HOME}:111122223333:key/${KeyId}`
    expect(await askControl(home, '/who-can', { ...asked, key: arn })).toMatchObject({
      regions: [HOME],
      unseen: [AWAY],
    })
    await expect(askControl(home, '/who-can', { ...asked, key: arn, regions: [AWAY] })).rejects.toThrow(/Ask there/)
    await expect(askControl(away, '/who-can', { ...asked, key: arn })).rejects.toThrow(
      /us-east-1, which another server/,
    )
    const hypothesis = { as: 'arn:aws:iam::111122223333:root', operation: 'ListKeys', region: AWAY }
    await expect(askControl(home, '/hypothesis', hypothesis)).rejects.toThrow(/another server of this deployment/)
    const { notes } = (await askControl(home, '/seed', { material: false })) as { notes: readonly string[] }
    expect(notes.join()).toContain('eu-west-1 is served by another server')
  })

  it('have the same users and policies: what changes them is passed on to the home, and counts at once', async () => {
    const credentials = await home.credentials()
    const iam = new IAMClient({ region: AWAY, endpoint: away.url, credentials, maxAttempts: 1 })
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'ann',
        PolicyName: 'keys',
        PolicyDocument: policyOf({ Effect: 'Allow', Action: ['kms:CreateKey', 'sts:AssumeRole'], Resource: '*' }),
      }),
    )
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }))
    const own = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
    for (const place of [home, away]) {
      const sts = new STSClient({ region: place.region, endpoint: place.url, credentials: own, maxAttempts: 1 })
      expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(User?.Arn)
      const created = await (await kms(place, own)).send(new CreateKeyCommand({}))
      const refused = await refusalOf(
        (await kms(place, own)).send(new DescribeKeyCommand({ KeyId: created.KeyMetadata?.KeyId })),
      )
      expect(refused.name).toBe('AccessDeniedException')
    }
    const atHome = new IAMClient({ region: HOME, endpoint: home.url, credentials, maxAttempts: 1 })
    await atHome.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId: own.accessKeyId }))
    for (const place of [home, away]) {
      const create = async () => (await refusalOf((await kms(place, own)).send(new CreateKeyCommand({})))).name
      await expect.poll(create).toBe('UnrecognizedClientException')
    }
    const elsewhere = (await kms({ ...home, region: AWAY })).send(new CreateKeyCommand({}))
    expect((await refusalOf(elsewhere)).message).toContain('eu-west-1 is served by another server of this deployment')
  })

  it('make the role of multi-Region keys at the home, and sessions that count everywhere', async () => {
    await createAccount(home, GUEST)
    const guest = await home.credentials(GUEST)
    await (await kms(away, guest)).send(new CreateKeyCommand({ MultiRegion: true }))
    const iam = new IAMClient({ region: HOME, endpoint: home.url, credentials: guest, maxAttempts: 1 })
    await iam.send(new GetRoleCommand({ RoleName: 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys' }))
    const trusting = policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: GUEST } })
    await iam.send(new CreateRoleCommand({ RoleName: 'keys', AssumeRolePolicyDocument: trusting }))
    const user = await iam.send(new CreateUserCommand({ UserName: 'bob' }))
    expect(user.User?.Arn).toContain('user/bob')
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'bob',
        PolicyName: 'assume',
        PolicyDocument: policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }),
      }),
    )
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'bob' }))
    const own = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
    const sts = new STSClient({ region: AWAY, endpoint: away.url, credentials: own, maxAttempts: 1 })
    const RoleArn = `arn:aws:iam::${GUEST}:role/keys`
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'there' }))
    const session = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    }
    for (const place of [home, away]) {
      const asked = new STSClient({ region: place.region, endpoint: place.url, credentials: session, maxAttempts: 1 })
      expect((await asked.send(new GetCallerIdentityCommand({}))).Arn).toContain('assumed-role/keys/there')
    }
  })

  it('go on without each other: from the copy until it is too old, and then not at all', async () => {
    const there = await kms(away)
    const { KeyMetadata } = await there.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await there.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: HOME }))
    await untilState(await kms(home), KeyId, 'Enabled')
    await home.stop()
    const family = await askControl(away, '/family', { key: `arn:aws:kms:${AWAY}:111122223333:key/${KeyId}` })
    expect(family).toMatchObject({
      family: { members: [{ region: AWAY }, { region: HOME, state: 'UNREACHABLE' }] },
    })
    await there.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('alone') }))
    const iam = new IAMClient({
      region: AWAY,
      endpoint: away.url,
      credentials: await home.credentials(),
      maxAttempts: 1,
    })
    await expect(iam.send(new CreateUserCommand({ UserName: 'late' }))).rejects.toThrow(/changed in us-east-1/)
    const moving = there.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: HOME }))
    expect(await refusalOf(moving)).toMatchObject({ status: 500, message: /us-east-1 cannot be reached/ })

    await away.start({ 'accounts-stale': '1' })
    await expect
      .poll(
        async () =>
          (
            await refusalOf(
              (await kms(away))
                .send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) }))
                .catch((error: unknown) => Promise.reject(error)),
            )
          ).status,
        { timeout: 5000 },
      )
      .toBe(503)
    expect((await fetch(`${away.url}/health`)).status).toBe(503)
    const metrics = await (await fetch(away.metricsUrl ?? '')).text()
    expect(metrics).toMatch(/^keyspan_accounts_copy_age_seconds [1-9]/m)
    expect(metrics).toMatch(/^keyspan_peer_silence_seconds\{source="us-east-1",destination="eu-west-1"\}/m)
    await home.start()
    await expect
      .poll(
        async () => {
          const asked = (await kms(away)).send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) }))
          return asked.then(
            () => 'done',
            (error: Error) => error.name,
          )
        },
        { timeout: 15_000 },
      )
      .toBe('done')
    await away.start()
    await untilState(await kms(home), KeyId, 'Enabled')
  })

  it('are one deployment only where they have joined it, and a server that has not says so', async () => {
    await using fresh = await startTestServer({ regions: FAR, peer: `${HOME}=${home.peersUrl}`, 'peer-port': 0 })
    const { text } = (await askControl(fresh, '/region/status', {})) as { text: string }
    expect(text).toMatch(/^This server trusts none .*us-east-1.* is a deployment by itself.* keyspan region join/)
    expect(text).toContain(`us-east-1 at ${home.peersUrl} is not trusted yet`)
    const credentials = await fresh.credentials()
    const there = new KMSClient({ region: FAR, endpoint: fresh.url, credentials, maxAttempts: 1 })
    const KeyId = (await there.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
    await expect(there.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: HOME }))).rejects.toThrow(
      /^Region us-east-1 is not a valid Region .* not trusted here: keyspan region trust$/,
    )
  })

  it('know each other by their identities alone', async () => {
    const text = (await askControl(away, '/region/identity', {})) as { text: string; fingerprint: string }
    await expect(askControl(home, '/region/trust', { ...text, fingerprint: 'abcd' })).rejects.toThrow(
      /fingerprint of this/,
    )
    const changed = text.text.replace(/"publicKey": "MHYw/, '"publicKey": "MHYx')
    await expect(askControl(home, '/region/trust', { ...text, text: changed })).rejects.toThrow(/fingerprint of this/)
    await expect(createAccount(away, '777788889999')).rejects.toThrow(/changed in us-east-1/)
    for (const [flags, said] of [
      [{ regions: HOME, peer: `${FAR}=https://127.0.0.1:1` }, /us-east-1 is served by another server/],
      [{ peer: `${FAR}=https://127.0.0.1:1` }, /copy of those of us-east-1. Say where it is/],
      [{ regions: AWAY, peer: `${AWAY}=https://127.0.0.1:1` }, /served here .* and named as a peer/],
      [{ peer: 'eu-west-9=https://127.0.0.1:1' }, /is not a Region and an address/],
      [{ peer: `${HOME}=http://127.0.0.1:1` }, /is not https/],
    ] as const) {
      await expect(away.start(flags)).rejects.toThrow(said)
    }
    await away.start()
    expect(existsSync(dataDirectory(away.path).region(HOME))).toBe(false)
    await askControl(home, '/region/distrust', { region: AWAY })
    const iam = new IAMClient({
      region: AWAY,
      endpoint: away.url,
      credentials: await home.credentials(),
      maxAttempts: 1,
    })
    await expect(iam.send(new CreateUserCommand({ UserName: 'mallory' }))).rejects.toThrow(
      /eu-west-1 is not trusted there any more \(keyspan region distrust\)/,
    )
    const { text: status } = (await askControl(home, '/region/status', {})) as { text: string }
    expect(status).toMatch(
      /^eu-west-1 is not heard here: why is said below\.\n[^]*eu-west-1 at .* is not trusted any more/,
    )
    const here = await kms(home)
    const KeyId = (await here.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
    await expect(here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))).rejects.toThrow(
      /^Region eu-west-1 is not a valid Region or .* It is named as a peer of this server, and not trusted here: keyspan region trust$/,
    )
    await trust(home, away)
    await iam.send(new CreateUserCommand({ UserName: 'mallory' }))
  })

  it('lose the home, and have another: whoever comes back and believes to be it changes nothing more', async () => {
    await using three = await startPlaces([HOME, AWAY, FAR])
    const [first, second, third] = [three.of(HOME), three.of(AWAY), three.of(FAR)]
    const credentials = await first.credentials()
    const iamAt = ({ region, url }: Place) => new IAMClient({ region, endpoint: url, credentials, maxAttempts: 1 })
    await iamAt(first).send(new CreateUserCommand({ UserName: 'before' }))
    const isThere = (place: Place, UserName: string) =>
      iamAt(place)
        .send(new GetUserCommand({ UserName }))
        .then(
          () => true,
          () => false,
        )
    for (const place of [second, third]) await expect.poll(() => isThere(place, 'before')).toBe(true)
    await second.stop()
    await third.stop()
    await iamAt(first).send(new CreateUserCommand({ UserName: 'nobody-heard' }))
    await first.stop()
    await third.start()
    const move = (place: Place, isAgreed: boolean) => moveHome(dataDirectory(place.path), AWAY, isAgreed, Date.now())
    await expect(move(second, false)).rejects.toThrow(/copy of those of us-east-1.*add --yes/)
    expect(await move(second, true)).toMatchObject({ epoch: 2 })
    await second.start()
    await iamAt(second).send(new CreateUserCommand({ UserName: 'after' }))
    // It follows the old home, and hears of the new one.
    await expect(iamAt(third).send(new CreateUserCommand({ UserName: 'lost' }))).rejects.toThrow(/changed in us-east-1/)
    await third.stop()
    await move(third, false)
    await third.start()
    await expect.poll(() => isThere(third, 'after')).toBe(true)
    await iamAt(third).send(new CreateUserCommand({ UserName: 'passed-on' }))
    expect(await isThere(second, 'passed-on')).toBe(true)
    // The old home comes back.
    await first.start()
    await expect
      .poll(
        () =>
          iamAt(first)
            .send(new CreateUserCommand({ UserName: `x${Date.now()}` }))
            .then(() => '', String),
        {
          timeout: 15_000,
        },
      )
      .toMatch(/changed in eu-west-1 now/)
    // What was taken away since is good nowhere: nothing is decided there any more, from the first moment of a start.
    await expect(isThere(first, 'nobody-heard')).resolves.toBe(false)
    await second.stop()
    await first.stop()
    await first.start()
    await expect(iamAt(first).send(new GetUserCommand({ UserName: 'before' }))).rejects.toThrow(
      /^Accounts, IAM and Organizations are changed in eu-west-1 now.*stop this server, and say keyspan region home eu-west-1$/,
    )
    expect((await fetch(new URL('/health', first.url))).status).toBe(503)
    await second.start()
    await first.stop()
    await expect(move(first, false)).rejects.toThrow(/are its own.*not heard there\. To go on, add --yes/)
    await move(first, true)
    await first.start()
    await expect.poll(() => isThere(first, 'passed-on')).toBe(true)
    // What only it had is nobody's.
    await expect.poll(() => isThere(first, 'nobody-heard')).toBe(false)
  }, 90_000)
})
