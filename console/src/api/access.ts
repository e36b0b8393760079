import { askRest, type Asking } from './client.ts'

const PATHS = {
  ComparePolicy: '/compare-policy',
  ExplainRefusal: '/explain',
  ListRefusals: '/refusals',
  SimulateRequest: '/simulate',
  WhoCan: '/who-can',
} as const

/** Asks an operation of Keyspan's own. @throws ApiError */
export function keyspan<Operation extends keyof typeof PATHS>(
  asking: Asking,
  operation: Operation,
  input: object,
): Promise<KeyspanAnswers[Operation]> {
  return askRest<KeyspanAnswers[Operation]>(asking, 'keyspan', PATHS[operation], input)
}

/** A request that was refused, or let pass although policies refuse it: then it has no code. */
export interface Refusal {
  readonly RequestId: string
  /** In seconds since 1970. */
  readonly Time: number
  readonly Operation: string
  readonly Caller: string
  readonly Region: string
  readonly Resource?: string
  readonly Code?: string
}

/** Why a request is allowed or refused. */
export interface Explanation {
  readonly allowed: boolean
  readonly permissions: readonly Permission[]
  readonly notes: readonly string[]
}

/** One permission that a request needs. */
export interface Permission {
  readonly allowed: boolean
  readonly action: string
  readonly resource?: string
  readonly region: string
  readonly calledIn: string
  readonly caller: string
  readonly supposed?: string
  readonly steps: readonly { readonly cause: string; readonly remedies: readonly Remedy[] }[]
  readonly isEnough: boolean
  readonly notes: readonly string[]
  readonly tree?: Fact
}

/** A fact of an explanation, and those that it rests on. */
export interface Fact {
  readonly label: string
  readonly outcome: 'allow' | 'deny' | 'no-match' | 'info'
  readonly detail?: string
  readonly children: readonly Fact[]
}

/** Something that helps. */
export type Remedy = PolicyRemedy | GrantRemedy | OtherRemedy

interface RemediedPolicy {
  /** Such as `identity`, `boundary`, `scp`. */
  readonly layer: string
  readonly name?: string
  /** What it is attached to, or part of, as `user ada`. */
  readonly of?: string
  readonly arn?: string
  /** Of an organization's policy. */
  readonly id?: string
}

export interface PolicyRemedy {
  readonly kind: 'policy'
  readonly text: string
  /** Without a name it is to be made. */
  readonly policy: RemediedPolicy
  readonly change: 'add' | 'replace'
  readonly index: number
  readonly statement: Readonly<Record<string, unknown>>
  /** What it gives beyond the request. */
  readonly opens?: string
}

export interface GrantRemedy {
  readonly kind: 'grant'
  readonly text: string
  readonly region: string
  readonly grant: Readonly<Record<string, unknown>>
  readonly command: string
}

export interface OtherRemedy {
  readonly kind: 'put-again' | 'request' | 'command' | 'advice' | 'none'
  readonly text: string
  readonly command?: string
}

/** Whether somebody may do something in a Region; `none` where the key there cannot do it. */
export interface Access {
  readonly Action: string
  readonly Region: string
  readonly Access: 'yes' | 'no' | 'if' | 'none'
  readonly When?: string
}

export interface WhoCanRow {
  readonly Principal: string
  readonly Answers: readonly Access[]
}

/** What a policy changes for somebody. */
export interface Difference {
  readonly Principal: string
  readonly Action: string
  readonly Change: 'gains' | 'loses' | 'changes'
  readonly Before: { readonly When: string }
  readonly After: { readonly When: string }
}

/** Recorded calls that a policy would have refused, alike but for their times. */
export interface RefusedCalls {
  readonly Principal: string
  readonly Action: string
  readonly EncryptionContext: Readonly<Record<string, string>>
  readonly Calls: number
  readonly Last: number
}

interface Paged {
  readonly NextToken?: string
}

/** What operations answer. */
interface KeyspanAnswers {
  readonly ComparePolicy: Paged & {
    readonly Differences: readonly Difference[]
    /** Left out while the records are being indexed. */
    readonly RecordedCalls?: {
      readonly Calls: number
      readonly Unclear: number
      readonly Refused: readonly RefusedCalls[]
    }
  }
  readonly ExplainRefusal: { readonly Explanation: Explanation }
  readonly ListRefusals: Paged & { readonly Refusals: readonly Refusal[] }
  readonly SimulateRequest: {
    readonly Allowed: boolean
    readonly Assumed: readonly string[]
    readonly Explanation: Explanation
  }
  readonly WhoCan: Paged & {
    readonly Regions: readonly string[]
    readonly Actions: readonly string[]
    readonly Rows: readonly WhoCanRow[]
  }
}
