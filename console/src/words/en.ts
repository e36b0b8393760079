/** All that the console says, a room for each feature: a page loads those that it uses. Names of AWS's things are AWS's. */
export * as words from './rooms.ts'
