/** The file that is `keyspan`: what the set-up of the tests has bundled, and elsewhere the sources. */
export const MAIN = process.env['KEYSPAN_TEST_MAIN'] ?? new URL('../../src/main.ts', import.meta.url).pathname
