import { describe, expect, it } from 'vitest'
import { s3Path, signRequest } from './signature.ts'

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
  region: 'us-east-1',
}

describe('A request to S3', () => {
  it('is signed as in the example of AWS ("Signature Calculations for the Authorization Header", Amazon S3)', () => {
    const request = {
      method: 'PUT',
      url: new URL('https://examplebucket.s3.amazonaws.com/test%24file.text'),
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      body: Buffer.from('Welcome to Amazon S3.'),
    }
    expect(
      signRequest(request, credentials, { service: 's3', region: 'us-east-1' }, Date.parse('2013-05-24T00:00:00Z'))[
        'authorization'
      ],
    ).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        'SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, ' +
        'Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    )
  })

  it('has a path in which nothing but the slashes of the object is left as it is', () => {
    expect(s3Path('bucket', "a b/c+d'e/AWSLogs/")).toBe('/bucket/a%20b/c%2Bd%27e/AWSLogs/')
  })
})
