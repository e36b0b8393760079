/** What is said when something fails. */
export const errors = {
  title: (code: string) => (code.startsWith('HTTP ') ? 'The request was refused' : `The request was refused: ${code}`),
  network: 'The server cannot be reached',
  again: 'Try again',
  notFound: 'There is no such page',
  notFoundText: 'The address names nothing here.',
  broken: 'This page has failed',
  notLoaded: 'A part of it was not loaded: the server does not answer, or it has a newer console by now.',
  reload: 'Load the page again',
  why: 'Why?',
} as const
