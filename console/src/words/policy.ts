/** What is said of a policy that is being written, and of what it changes. */
export const policyEditor = {
  help: 'Checked as you type. Ctrl+Space completes actions and condition keys; Tab leaves the editor.',
  findings: 'Findings',
  good: 'No findings',
  line: (number: number) => `Line ${number}`,
  types: {
    ERROR: 'Error',
    SECURITY_WARNING: 'Security warning',
    WARNING: 'Warning',
    SUGGESTION: 'Suggestion',
  },
} as const

export const policyEffect = {
  title: 'What it changes',
  loading: 'Policies are compared',
  nothing: 'Nobody gains or loses anything.',
  change: 'Change',
  changes: { gains: 'Gains', loses: 'Loses', changes: 'Changes' },
  action: 'Action',
  before: 'Allowed now',
  after: 'Allowed then',
  notIndexed: 'The records are still being indexed: which calls it would have refused cannot be told yet.',
  noneRefused: (calls: number, unclear: number) =>
    `Of the ${calls} recorded calls of the last days it would have refused none.` +
    (unclear === 0 ? '' : ` ${unclear} depend on what their records do not tell.`),
  wouldRefuse: (count: number, calls: number) =>
    `Of the ${calls} recorded calls of the last days it would have refused ${count}`,
  refusedCalls: (who: string, action: string, calls: number) =>
    `${who}: ${action}, ${calls === 1 ? 'once' : `${calls} times`}, last`,
} as const
