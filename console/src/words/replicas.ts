/** What the wizard of replicas says by itself. */
export const replicas = {
  step: 'Select Regions',
  title: 'Replica keys',
  regions: 'Replica Regions',
  about:
    'A replica is a key of its own with the ID and the material of its primary, so that each opens what another has encrypted.',
  taken: (regions: string) => `The key is in ${regions} already.`,
  none: 'Choose a Region.',
  noneLeft: 'The key is in every Region that this account may use.',
  choose: 'Choose Regions',
  filter: 'Filter Regions',
  remove: (region: string) => `Remove ${region}`,
  primaryPolicy:
    'This is the policy of the primary, as a convenience: use it, edit it, or replace it. Each replica has a policy of its own, which does not change with the primary’s.',
  ownPolicy: 'Each replica has a policy of its own, which does not change with the primary’s.',
  notPrimary: 'Only a multi-Region primary key is replicated',
  notMultiRegion: 'This is a single-Region key. Whether a key can be replicated is decided when it is created.',
  primaryIn: (region: string) => `Replicate the primary, in ${region}`,
  progress: 'Create new replica keys',
  stages: {
    asking: 'Asking for the replica',
    coming: 'Creating',
    naming: 'Creating the alias',
    there: 'Created',
  },
  refused: {
    asking: 'The replica was refused',
    coming: 'The replica was asked for, and cannot be looked at',
    naming: 'The replica is created, but its alias was refused',
    there: '',
  },
  againIn: (region: string) => `Try again in ${region}`,
  back: 'Back to the steps',
  goOn: 'Go to the related keys',
} as const
