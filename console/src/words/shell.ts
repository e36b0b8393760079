/** What is said around the pages. */
export const product = 'Keyspan'

export const header = {
  region: 'Region',
  account: 'Account',
  switchRole: 'Switch role',
  switchBack: 'Switch back',
  signOut: 'Sign out',
  appearance: 'Appearance',
  light: 'Light',
  dark: 'Dark',
  system: 'As the system',
  menu: 'Menu',
  role: 'Role ARN',
  cancel: 'Cancel',
  close: 'Close',
} as const

export const navigation = {
  title: 'Key Management Service (KMS)',
  customerKeys: 'Customer managed keys',
  access: 'Access',
  awsKeys: 'AWS managed keys',
  audit: 'Event history',
  system: 'System',
  open: 'Open navigation',
  close: 'Close navigation',
  label: 'Pages',
  dismiss: 'Dismiss',
  notices: 'What has happened',
} as const
