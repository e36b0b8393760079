import type { KeyOrigin, KeySpec, KeyUsage } from '../domain/key-spec.ts'
import type { Material, MaterialId, RotationSchedule } from '../domain/material-id.ts'
import type { ImportsKnown, Incarnation, Member, ReplicaBirth, Standing } from '../domain/multi-region.ts'
import type { Region } from '../domain/region.ts'

/** The properties that related keys share, as their primary publishes them. */
export interface SharedProperties {
  readonly materials: readonly Material[]
  readonly current: MaterialId | null
  readonly rotation: RotationSchedule | null
  readonly onDemandRotations: number
  readonly replicaRegions: readonly Region[]
}

/** What one Region tells another about one multi-Region key. Materials are named, never carried, in a message. */
export type MessageBody =
  /** Primary to a Region: be my replica, with these properties that never change. */
  | {
      readonly type: 'create'
      readonly spec: KeySpec
      readonly usage: KeyUsage
      readonly origin: KeyOrigin
      readonly birth: ReplicaBirth
    }
  /**
   * Primary to a member: the shared properties. `bring` names the materials whose bytes come along, sealed: none of
   * those that were imported, which every Region imports for itself. `activate` says that the primary knows the member to hold everything, so that it may be used.
   */
  | {
      readonly type: 'sync'
      readonly revision: number
      readonly activate: boolean
      readonly shared: SharedProperties
      readonly bring: readonly MaterialId[]
    }
  /**
   * Member to primary: these materials I know, and up to this revision I have followed you. To know a material is to
   * hold it, but for imported ones.
   */
  | {
      readonly type: 'held'
      readonly revision: number
      readonly active: boolean
      readonly materials: readonly MaterialId[]
      /** Which of them were imported here; absent where the origin is AWS_KMS. */
      readonly imports?: ImportsKnown
    }
  /** Primary to the Region that shall be primary: everything that authority needs. Its epoch is the new one. */
  | {
      readonly type: 'handOff'
      readonly shared: SharedProperties
      readonly members: Readonly<Record<Region, Member>>
      readonly counter: number
      /** The request that asked for it: both Regions record it. Absent where an older release says it. */
      readonly requestId?: string
    }
  /** The answers to a hand-off, under the new epoch. Both are final. */
  | { readonly type: 'accepted' }
  | { readonly type: 'refused' }
  /** A Region to all: the key's member of this incarnation is no more. */
  | { readonly type: 'left' }
  /** The answer to a hand-off of a Region that knows no such life: whether it once took it, it has forgotten. */
  | { readonly type: 'lost' }
  /** A Region that may have forgotten what it did to all others: what do you know of the key? */
  | {
      readonly type: 'recall'
      readonly round: number
      /** What it holds, and need not be brought. */
      readonly materials: readonly MaterialId[]
      /** A Region that an operator has declared to be gone: nothing that it has said counts any more. */
      readonly without?: Region
    }
  /** The answer, with all materials that it holds and the other does not. */
  | {
      readonly type: 'standing'
      readonly round: number
      readonly standing: Standing
      readonly bring: readonly MaterialId[]
    }

/** The kinds of messages. */
export type MessageType = MessageBody['type']

/** A message on its way. */
export interface Message {
  readonly from: Region
  readonly to: Region
  readonly account: string
  readonly keyId: string
  /** The epoch under which it was said; for a hand-off and its answers, the epoch it would begin. */
  readonly epoch: number
  /** The incarnation of the member that is meant: the receiver's downwards, the sender's upwards. */
  readonly incarnation: Incarnation
  readonly body: MessageBody
}
