import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** Compresses what is delivered: the same bytes for the same text. */
export const compress = promisify<string, Buffer>(gzip)
