const list = (regions: readonly string[]): string => regions.join(', ')
const messages = (count: number): string =>
  count === 1 ? '1 message' : count >= 100 ? '100 messages or more' : `${count} messages`

/** What messages between Regions are about. */
const SAYS: Readonly<Record<string, string>> = {
  create: 'the new replica',
  sync: 'what they share',
  held: 'what has arrived',
  handOff: 'the change of the primary',
  accepted: 'that it is primary',
  refused: 'that it is not to be primary',
  left: 'that its key is deleted',
}

/** The text of the Regionality tab. */
export const family = {
  map: {
    label: (regions: readonly string[]) =>
      `A map of the world with the Regions of the key: ${list(regions)}. The table below says the same.`,
    legend: 'Signs on the map',
    primary: 'Primary',
    replica: 'Replica',
    coming: 'On its way',
    idle: 'Cannot be used',
    leaving: 'Is deleted',
    calm: 'In step',
    moving: 'Messages on their way',
    held: 'Nothing passes',
  },
  roles: {
    PRIMARY: 'Primary',
    REPLICA: 'Replica',
    HANDING_OFF: 'Primary, which hands over',
  },
  states: { COMING: 'On its way', GONE: 'Deleted', UNREACHABLE: 'Out of reach' } as Readonly<Record<string, string>>,
  inStep: 'All Regions are in step.',
  underWay: 'What is under way',
  since: 'Since',
  types: { 'in-progress': 'Under way', pending: 'Waits', warning: 'Held', error: 'Halted' } as Readonly<
    Record<string, string>
  >,
  waits: {
    REPLICA: ({ Region, For }) => `${Region} waits for its replica in ${list(For)} to be in use.`,
    CHANGES: ({ Region, For }) => `${Region} waits for ${list(For)} to confirm the newest of what they share.`,
    ROTATION: ({ Region, For }) =>
      For.length === 0
        ? `${Region} has new key material that waits to be put to use.`
        : `${Region} waits to rotate until the new key material is in ${list(For)}.`,
    IMPORT: ({ Region, For }) => `${Region} waits to rotate until the new key material is imported in ${list(For)}.`,
    PRIMARY: ({ Region, For }) => `${Region} waits for ${list(For)} to confirm the change of the primary.`,
    DELETION: ({ Region, For }) => `${Region} waits to be deleted until the key in ${list(For)} is.`,
    UPGRADE: ({ Text }) => Text,
  } satisfies Record<string, (wait: WaitWords) => string> as Readonly<Record<string, (wait: WaitWords) => string>>,
  unheard: (from: string, to: string, count: number, says: readonly string[]) =>
    `${to} has yet to hear ${messages(count)} from ${from}: ${list(says.map((each) => SAYS[each] ?? each))}.`,
  held: 'Nothing passes between them now.',
  link: 'Exchange with the primary',
  differs: 'Differs from the primary',
  nothing: 'Nothing',
  isPrimary: '-',
  notThere: 'Not there',
  show: (what: string, region: string) => `${what}: show how ${region} differs`,
  how: (region: string, from: string) => `How ${region} differs from ${from}`,
  close: 'Close',
  property: 'Property',
  policy: 'Key policy',
  samePolicy: 'The policies have the same meaning: only spaces and the order of members differ.',
  policyLines: 'The key policies, line by line',
  diff: {
    only: (region: string) => `Only in ${region}`,
    skipped: (count: number) => (count === 1 ? '1 line that both have' : `${count} lines that both have`),
  },
  properties: {
    role: 'Role',
    state: 'Status',
    material: 'Current key material',
    materials: 'Key materials',
    imported: 'Imported',
    missing: 'To be imported',
    expires: 'Material expires',
    rotation: 'Automatic rotation',
    aliases: 'Aliases',
    tags: 'Tags',
    description: 'Description',
    policy: 'Key policy',
  } as Readonly<Record<string, string>>,
  deletion: {
    title: 'Order of deletion',
    about: 'A primary is deleted after all of its replicas. To keep one of them, change the primary Region first.',
    order: 'Step',
    stage: 'Deletion',
    asked: 'Asked for',
    date: 'Deleted on',
    blocked: 'Blocked by',
    replicas: (count: number) => `All ${count} replicas`,
    stages: {
      FREE: 'Not asked for',
      SCHEDULED: 'Scheduled',
      WAITING: 'Waits for replicas',
      GONE: 'Done, not yet heard of',
      UNKNOWN: 'Not known: out of reach',
    } as Readonly<Record<string, string>>,
    earliest: 'at the earliest',
    moving: 'The change of the primary',
  },
  withoutFamily: 'What differs, what is under way and what waits for whom is shown to who has keyspan:DescribeFamily.',
}

/** What the sentence of a wait is made of. */
interface WaitWords {
  readonly Region: string
  readonly For: readonly string[]
  readonly Text: string
}
