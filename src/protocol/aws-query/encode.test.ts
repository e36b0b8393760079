import { describe, expect, it } from 'vitest'
import { element, encodeResponse } from './encode.ts'

describe('An answer in XML', () => {
  it('has the result, and beside it the request id', () => {
    expect(encodeResponse('GetUser', 'urn:a', { User: { Arn: 'a', Tags: [{ Key: 'k' }] } }, 'id')).toBe(
      '<GetUserResponse xmlns="urn:a"><GetUserResult><User><Arn>a</Arn><Tags><member><Key>k</Key></member></Tags></User>' +
        '</GetUserResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetUserResponse>\n',
    )
  })

  it('writes times in ISO 8601, bytes in base64, truth and numbers as words, and maps as entries', () => {
    expect(element('At', new Date(0))).toBe('<At>1970-01-01T00:00:00Z</At>')
    expect(element('Bytes', Buffer.from([0xfb, 0xff]))).toBe('<Bytes>+/8=</Bytes>')
    expect(element('Is', false) + element('N', 7)).toBe('<Is>false</Is><N>7</N>')
    expect(element('M', new Map([['a', 1]]))).toBe('<M><entry><key>a</key><value>1</value></entry></M>')
  })

  it('omits what is not there', () => {
    expect(element('A', { B: undefined, C: null, D: '' })).toBe('<A><D></D></A>')
  })

  it('holds no text that could be markup, or that XML cannot hold', () => {
    expect(element('A', `<b a="c">&'`)).toBe('<A>&lt;b a=&quot;c&quot;&gt;&amp;&apos;</A>')
    expect(element('A', 'a\u0000\u001b\ufffe\ud83db\t\n\r😀')).toBe('<A>a\ufffd\ufffd\ufffd\ufffdb\t\n&#xD;😀</A>')
  })
})
