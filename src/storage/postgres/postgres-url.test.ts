import { describe, expect, it } from 'vitest'
import { parsePostgresUrl } from './postgres-url.ts'

describe('The address of a database', () => {
  it('is that of one host or several, with TLS wherever one of them is elsewhere', () => {
    expect(parsePostgresUrl('postgres://keyspan@db.example.com/keyspan')).toMatchObject({
      hosts: [{ host: 'db.example.com', port: 5432 }],
      database: 'keyspan',
      user: 'keyspan',
      tls: { rejectUnauthorized: true },
    })
    const several = parsePostgresUrl('postgresql://k@one:6000,[::1],10.0.0.3:1/d?sslmode=require')
    expect(several.hosts).toEqual([
      { host: 'one', port: 6000 },
      { host: '::1', port: 5432 },
      { host: '10.0.0.3', port: 1 },
    ])
    expect(several.tls).toEqual({ rejectUnauthorized: false })
    expect(parsePostgresUrl('postgres://k@127.0.0.1/d').tls).toBe(false)
    expect(parsePostgresUrl('postgres://k@%2Fvar%2Frun%2Fpostgresql/d').hosts[0]?.host).toBe('/var/run/postgresql')
  })

  it.each([
    ['postgres://keyspan:secret@db/keyspan', 'it has a password'],
    ['postgres://db/keyspan', 'not of the form'],
    ['mysql://keyspan@db/keyspan', 'not of the form'],
    ['postgres://keyspan@db', 'not of the form'],
    ['postgres://keyspan@db/keyspan?sslmode=prefer', '"prefer" is none of'],
    ['postgres://keyspan@db/keyspan?options=x', 'it has "options"'],
  ])('is refused where it cannot be used: %s', (url, reason) => {
    expect(() => parsePostgresUrl(url)).toThrow(reason)
  })

  it('is never shown with what stands where a password would', () => {
    expect(() => parsePostgresUrl('postgres://keyspan:secret@db/keyspan')).not.toThrow('secret')
  })
})
