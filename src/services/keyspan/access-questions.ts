import type { Explained } from '../../kernel/explain/explained.ts'
import type { RefusalHead } from '../../storage/refusals.ts'

/** Which refusals are asked for; null is any. */
export interface RefusalQuestion {
  readonly key: string | null
  readonly caller: string | null
  readonly region: string | null
  readonly before: string | null
  readonly limit: number
}

/** A key, and what is asked of it: empty lists ask for the usual actions, all principals, all Regions. */
export interface WhoCanQuestion {
  readonly key: string
  readonly actions: readonly string[]
  readonly principals: readonly string[]
  readonly regions: readonly string[]
  readonly context: Readonly<Record<string, string>>
  /** The place at which the page before has ended; null for the first. */
  readonly after: unknown
}

/** A page of principals, each with whether it may do each action in each Region. */
export interface WhoCanAnswer {
  readonly regions: readonly string[]
  readonly actions: readonly string[]
  readonly rows: readonly {
    readonly principal: string
    readonly answers: readonly {
      readonly action: string
      readonly region: string
      readonly access: string
      readonly when?: string
      readonly condition?: unknown
    }[]
  }[]
  readonly next: unknown
}

/** A request of KMS that somebody might make. */
export interface SimulatedRequest {
  readonly as: string
  readonly operation: string
  readonly key: string | null
  readonly region: string
  readonly input: Readonly<Record<string, unknown>>
  readonly context: Readonly<Record<string, string>>
  readonly sourceIp: string | null
}

/** What would become of it. */
export interface SimulatedAnswer {
  readonly allowed: boolean
  /** The code with which it would be refused before its permissions are asked; null where it is not. */
  readonly refusal: string | null
  readonly assumed: readonly string[]
  readonly explained: Explained
}

/** A policy that somebody thinks of giving a key. */
export interface ProposedKeyPolicy {
  readonly key: string
  readonly text: string
}

/** When somebody has a permission: in words, and for programs. */
interface When {
  readonly when: string
  readonly condition: unknown
}

/** A page of those whose permissions would change. */
export interface DifferencesAnswer {
  readonly rows: readonly {
    readonly principal: string
    readonly action: string
    readonly change: 'gains' | 'loses' | 'changes'
    readonly before: When
    readonly after: When
  }[]
  readonly next: unknown
}

/** Calls of the last days that the policy would have refused. */
export interface RecordedAnswer {
  /** How many were looked at: the newest, up to a bound. */
  readonly calls: number
  /** How many depend on what their records do not tell. */
  readonly unclear: number
  readonly refused: readonly {
    readonly principal: string
    readonly action: string
    readonly encryptionContext: Readonly<Record<string, string>>
    readonly calls: number
    /** In epoch milliseconds. */
    readonly last: number
  }[]
}

/** A key in all of its Regions. Times are epoch milliseconds; null where they are not known. */
export interface KeyFamilyAnswer {
  /** Those that have the key, in the order of the values of properties. */
  readonly regions: readonly string[]
  readonly properties: readonly {
    readonly name: string
    readonly values: readonly string[]
    readonly differs: boolean
  }[]
  readonly members: readonly { readonly region: string; readonly role: string; readonly state: string }[]
  /** What is on its way between Regions. */
  readonly unheard: readonly {
    readonly from: string
    readonly to: string
    readonly messages: number
    readonly since: number
    readonly says: readonly string[]
    readonly isConnected: boolean
  }[]
  readonly waits: readonly {
    readonly region: string
    readonly for: readonly string[]
    readonly what: string
    readonly since: number | null
    readonly text: string
  }[]
  readonly deletion: readonly {
    readonly region: string
    readonly order: number
    readonly stage: string
    readonly since: number | null
    readonly at: number | null
    readonly notBefore: number | null
    readonly after: readonly string[]
    readonly isMoving: boolean
  }[]
  readonly troubles: readonly string[]
  readonly drifts: readonly {
    readonly from: string
    readonly to: string
    readonly lines: readonly { readonly in: string; readonly text: string }[]
  }[]
}

/**
 * What an account may ask of who may do what: about its own keys, as its own principals, and of refusals its own side.
 *
 * All throw ValidationException or ResourceNotFoundException with a sentence for the person who asks, and
 * ThrottlingException where the account's questions wait for each other.
 */
export interface AccessQuestions {
  refusals(account: string, asked: RefusalQuestion): Promise<readonly RefusalHead[]>
  whoCan(account: string, asked: WhoCanQuestion): Promise<WhoCanAnswer>
  family(account: string, key: string, withDrifts: boolean): Promise<KeyFamilyAnswer>
  simulate(account: string, asked: SimulatedRequest): Promise<SimulatedAnswer>
  differences(account: string, proposed: ProposedKeyPolicy, after: unknown): Promise<DifferencesAnswer>
  /** @returns null while the index of the records is being made */
  recorded(account: string, proposed: ProposedKeyPolicy, days: number): Promise<RecordedAnswer | null>
}
