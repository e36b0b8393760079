/** What the page to sign in says. */
export const signIn = {
  title: 'Sign in',
  intro: 'With an access key of this server, or without one: the command keyspan console opens this page signed in.',
  accessKeyId: 'Access key ID',
  secretAccessKey: 'Secret access key',
  sessionToken: 'Session token',
  optional: 'optional',
  sessionTokenHint: 'Of temporary credentials only.',
  region: 'Region',
  submit: 'Sign in',
  over: 'Your session is over. Sign in again: you come back to the page where you were.',
  missing: 'Give an access key ID and its secret.',
} as const
