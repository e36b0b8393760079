import { describe, expect, it } from 'vitest'
import { refuseGrantPrincipal } from './grant-principal.ts'

describe('A principal of a grant', () => {
  it.each([
    'arn:aws:iam::111122223333:root',
    'arn:aws:iam::111122223333:user/alice',
    'arn:aws:iam::111122223333:user/team/payments/alice',
    'arn:aws:iam::111122223333:role/service/app',
    'arn:aws:sts::111122223333:assumed-role/app/session@1',
    'arn:aws:sts::111122223333:federated-user/bob',
    'AROAIGFZNDZVPYQXSGZUS:session',
    'kms.amazonaws.com',
    'dynamodb.us-west-1.amazonaws.com',
  ])('is %s', (text) => {
    expect(refuseGrantPrincipal(text)).toBeNull()
  })

  it.each([
    ['alice', 'not-an-arn'],
    ['111122223333', 'not-an-arn'],
    ['kms.amazonaws.com.cn', 'not-an-arn'],
    ['amazonaws.com', 'not-an-arn'],
    ['kms.example.com', 'not-an-arn'],
    ['AIDAIGFZNDZVPYQXSGZUS', 'not-an-arn'],
    ['arn:aws-cn:iam::111122223333:root', 'not-valid'],
    ['arn:aws:iam:us-east-1:111122223333:root', 'not-valid'],
    ['arn:aws:iam::1111:root', 'not-valid'],
    ['arn:aws:iam::111122223333:user/*', 'not-valid'],
    ['arn:aws:iam::111122223333:user//alice', 'not-valid'],
    ['arn:aws:sts::111122223333:assumed-role/path/app/session', 'not-valid'],
    ['arn:aws:sts::111122223333:assumed-role/app', 'not-valid'],
    ['arn:aws:sts::111122223333:federated-user/a/b', 'not-valid'],
    ['arn:aws:iam::111122223333:user', 'no-principal'],
    ['arn:aws:iam::111122223333:group/admins', 'no-principal'],
    ['arn:aws:iam::111122223333:root/x', 'no-principal'],
    ['arn:aws:sts::111122223333:user/alice', 'no-principal'],
    ['arn:aws:kms::111122223333:user/alice', 'no-principal'],
  ])('is not %s: %s', (text, refusal) => {
    expect(refuseGrantPrincipal(text)).toBe(refusal)
  })
})
