import { describe, it } from 'vitest'
import { expectWithin } from '../../../test/expect-within.ts'
import { lintPolicy } from './lint.ts'

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/mrk-1'
const use = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }

function documentWith(...statements: readonly object[]) {
  return { Version: '2012-10-17', Statement: statements }
}

describe('A hostile policy', () => {
  const full = (make: (index: number) => string, size = 32_768) => {
    const items: string[] = []
    for (let length = 0, index = 0; length < size; index += 1) {
      const item = make(index)
      items.push(item)
      length += item.length + 3
    }
    return items
  }
  it.each<[string, unknown]>([
    ['unknown actions', documentWith({ ...use, Action: full((index) => `kms:Encryp${index}`) })],
    ['wildcards', documentWith({ ...use, Action: full((index) => `kms:*a*${index % 7}*b*`) })],
    ['resources', documentWith({ ...use, Resource: full((index) => `arn:aws:kms:*:*:*a*b*${index}`) })],
    ['one resource', documentWith({ ...use, Resource: `arn:aws:kms:*:*:${'*a'.repeat(16_000)}` })],
    [
      'keys',
      documentWith({
        ...use,
        Condition: { StringEquals: Object.fromEntries(full((i) => `aws:k${i}`).map((k) => [k, 'a'])) },
      }),
    ],
    [
      'statements',
      documentWith(
        ...full(() => '{"Effect":"Allow","Action":"kms:*","Resource":"*"}').map((text) => JSON.parse(text) as object),
      ),
    ],
    ['variables', documentWith({ ...use, Resource: `arn:aws:kms:*:*:key/${'${a'.repeat(10_000)}` })],
    ['lines', `${'\n'.repeat(32_000)}{}`],
  ])('of %s is looked through in time', (_, policy) => {
    const text = typeof policy === 'string' ? policy : JSON.stringify(policy)
    for (const kind of ['identity', 'key'] as const) {
      expectWithin(1500, () => lintPolicy(text, kind, { isRegion: () => true, key: KEY }))
    }
  })
})
