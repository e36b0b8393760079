/** What is said when something fails. */
export const errors = {
  title: (code: string) => `The request was refused: ${code}`,
  network: 'The server cannot be reached',
  again: 'Try again',
  notFound: 'There is no such page',
  notFoundText: 'The address names nothing here.',
  broken: 'This page has failed',
  why: 'Why?',
} as const
