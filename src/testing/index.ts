/** The test kit, as it is imported: `import { startKeyspan } from 'keyspan/testing'`. */
export { startKeyspan } from './start.ts'
export type * from './public.ts'
