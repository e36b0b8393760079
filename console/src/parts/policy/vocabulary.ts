import vocabulary from './vocabulary.json' with { type: 'json' }

/** What can stand in the policy of a key, as it is completed. */
export const ACTIONS: readonly string[] = vocabulary.actions
export const CONDITION_KEYS: readonly string[] = vocabulary.conditionKeys
