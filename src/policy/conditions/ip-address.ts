import { isIP } from 'node:net'
import { BAD_POLICY, BAD_REQUEST, type Matcher, NO, YES } from '../patterns/match.ts'

/** An address as 16-bit groups: two for IPv4, eight for IPv6. */
type Groups = readonly number[]

interface Network {
  readonly groups: Groups
  readonly bits: number
}

/** Reads an IPv4 or IPv6 address; `undefined` if it is neither. Zones (`fe80::1%eth0`) are not addresses here. */
export function readAddress(text: string): Groups | undefined {
  const version = text.includes('%') ? 0 : isIP(text)
  if (version === 4) return readV4(text)
  return version === 6 ? readV6(text) : undefined
}

function readV4(text: string): Groups {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

function readV6(text: string): Groups {
  const [head = '', tail] = text.split('::')
  const left = readGroups(head)
  if (tail === undefined) return left
  const right = readGroups(tail)
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

function readGroups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => (group.includes('.') ? readV4(group) : [Number.parseInt(group, 16)]))
}

/** Reads `address` or `address/bits`; `undefined` if it is malformed. */
export function readNetwork(text: string): Network | undefined {
  const [address = '', length, more] = text.split('/')
  const groups = readAddress(address)
  if (groups === undefined || more !== undefined) return undefined
  const most = groups.length * 16
  if (length === undefined) return { groups, bits: most }
  return /^\d{1,3}$/.test(length) && Number(length) <= most ? { groups, bits: Number(length) } : undefined
}

/**
 * `IpAddress`.
 *
 * Host bits of an IPv4 network are ignored; an IPv6 network with host bits matches nothing; an IPv4 address
 * written as IPv6 (`::ffff:192.0.2.1`) is compared as IPv4. A malformed address in a request never matches, not
 * even negated.
 */
export function compileIpAddress(values: readonly string[]): Matcher {
  const ranges = values.map(readNetwork)
  const otherwise = ranges.includes(undefined) ? BAD_POLICY : NO
  const networks = ranges.filter((range) => range !== undefined).filter((range) => !isUnusable(range))
  return (value) => {
    const given = readAddress(value)
    if (given === undefined) return BAD_REQUEST
    const address = unmapped(given)
    return networks.some((range) => within(address, range)) ? YES : otherwise
  }
}

function isUnusable(range: Network): boolean {
  return range.groups.length === 8 && hasHostBits(range)
}

function unmapped(groups: Groups): Groups {
  const mapped = groups.length === 8 && groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  return mapped ? groups.slice(6) : groups
}

/** The bits of one group that belong to the network. */
function mask(bits: number, index: number): number {
  const inside = Math.min(Math.max(bits - index * 16, 0), 16)
  return 0xffff & (0xffff << (16 - inside))
}

function within(address: Groups, { groups, bits }: Network): boolean {
  if (address.length !== groups.length) return false
  for (let index = 0; index < groups.length; index++) {
    const differing = (groups[index] ?? 0) ^ (address[index] ?? 0)
    if ((differing & mask(bits, index)) !== 0) return false
  }
  return true
}

function hasHostBits({ groups, bits }: Network): boolean {
  return groups.some((group, index) => (group & ~mask(bits, index)) !== 0)
}

/** A network as it is written, without host bits: `10.1.0.0/16`. */
export function networkText({ groups, bits }: Network): string {
  const kept = groups.map((group, index) => group & mask(bits, index))
  if (kept.length === 2) return `${kept.flatMap((group) => [group >> 8, group & 255]).join('.')}/${bits}`
  return `${kept.map((group) => group.toString(16)).join(':')}/${bits}`
}
