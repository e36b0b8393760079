/** What is said of what is done to keys as a whole. */
export const keyActions = {
  title: 'Key actions',
  enable: 'Enable',
  disable: 'Disable',
  schedule: 'Schedule key deletion',
  cancel: 'Cancel key deletion',
  about: {
    enable: 'The key can be used again for cryptographic operations.',
    disable: 'Nothing can be encrypted or decrypted with the key until it is enabled again.',
    cancel: 'The key stays, and is disabled: enable it to use it again.',
  },
  done: {
    enable: 'The key is enabled.',
    disable: 'The key is disabled.',
    schedule: 'The key is scheduled for deletion.',
    cancel: 'The deletion is cancelled. The key is disabled.',
  },
} as const

export const keyDeletion = {
  warning:
    'Once the key is deleted, nothing that was encrypted with it can be decrypted any more. During the waiting period it cannot be used, and its deletion can be cancelled.',
  lastUsed: 'Last used in this Region',
  notUsedSince: 'Not used since',
  grantees: (grantees: readonly string[], count: number, hasMore: boolean) =>
    `${count}${hasMore ? ' or more' : ''}, to ${grantees.slice(0, 3).join(', ')}${grantees.length > 3 || hasMore ? ' and others' : ''}`,
  replicasFirst: 'Replicas come first',
  replicasWait: (regions: string) =>
    `The waiting period of a primary begins when its last replica is deleted. There are replicas in ${regions}.`,
  days: 'Waiting period (in days)',
  range: (least: number, most: number) => `A number from ${least} to ${most}.`,
  word: 'delete',
  type: (word: string) => `To confirm, type ${word}`,
} as const
