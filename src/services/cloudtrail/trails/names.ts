import { errors } from '../errors.ts'

const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/
/** The longest prefix of objects, in characters (AWS CloudTrail API Reference, CreateTrail). */
const MAX_PREFIX = 200

/** @throws InvalidTrailNameException */
export function requireTrailName(name: string): void {
  const rules: readonly (readonly [boolean, string])[] = [
    [name.length >= 3 && name.length <= 128, 'it has 3 to 128 characters'],
    [/^[\w.-]*$/.test(name), 'it has only letters, digits, periods, underscores and dashes'],
    [/^[^._-].*[^._-]$/.test(name), 'it begins and ends with a letter or a digit'],
    [!/[._-]{2}/.test(name), 'it has no two periods, underscores or dashes side by side'],
    [!IP_ADDRESS.test(name), 'it is no IP address'],
  ]
  const broken = rules.find(([holds]) => !holds)
  if (broken === undefined) return
  throw errors.InvalidTrailNameException(`The name "${name}" is none that a trail can have: ${broken[1]}.`)
}

/** @throws InvalidS3BucketNameException */
export function requireBucketName(name: string): void {
  const rules: readonly (readonly [boolean, string])[] = [
    [name.length >= 3 && name.length <= 63, 'it has 3 to 63 characters'],
    [/^[a-z0-9.-]*$/.test(name), 'it has only lower-case letters, digits, periods and dashes'],
    [/^[a-z0-9].*[a-z0-9]$/.test(name), 'it begins and ends with a letter or a digit'],
    [!name.includes('..'), 'it has no two periods side by side'],
    [!IP_ADDRESS.test(name), 'it is no IP address'],
    [!/^(?:xn--|sthree-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3)$/.test(name), 'S3 keeps that form for itself'],
  ]
  const broken = rules.find(([holds]) => !holds)
  if (broken === undefined) return
  throw errors.InvalidS3BucketNameException(`The name "${name}" is none that a bucket can have: ${broken[1]}.`)
}

/**
 * SECURITY: where files are delivered to a directory, a prefix is a path in it, and must not lead out.
 *
 * @throws InvalidS3PrefixException
 */
export function requirePrefix(prefix: string): void {
  const rules: readonly (readonly [boolean, string])[] = [
    [prefix.length <= MAX_PREFIX, `it has at most ${MAX_PREFIX} characters`],
    [/^[\w!.*'()/=+@:, -]*$/.test(prefix), "it has only letters, digits, spaces and !-_.*'()/=+@:,"],
    [!/^\/|\/$/.test(prefix), 'it neither begins nor ends with a slash'],
    [prefix.split('/').every((part) => !['.', '..'].includes(part)), 'no part of it is "." or ".."'],
    [!prefix.includes('//'), 'no part of it is empty'],
  ]
  const broken = rules.find(([holds]) => !holds)
  if (broken === undefined) return
  throw errors.InvalidS3PrefixException(`The prefix "${prefix}" is none that objects can have here: ${broken[1]}.`)
}
