import { askRest, type Asking } from './client.ts'

/** One direction between two Regions. */
export interface DrillLine {
  readonly Source: string
  readonly Destination: string
  readonly Cut: boolean
  readonly DelaySeconds: number
  /** How many messages its destination has yet to hear. */
  readonly Waiting: number
  /** In seconds since 1970, as all times are; absent where nothing waits. */
  readonly WaitingSince?: number
}

/** How the Regions are to each other, those that are in use. */
export interface Drill {
  /** Whether anything of it can be changed. */
  readonly Development: boolean
  /** By the server's clock. */
  readonly Time: number
  /** What is wrong, in sentences. */
  readonly Faults: readonly string[]
  readonly Regions: readonly { readonly Region: string; readonly Down: boolean }[]
  readonly Lines: readonly DrillLine[]
}

/** Something that is done in a drill. */
export interface DrillStep {
  readonly Action: 'partition' | 'heal' | 'down' | 'up' | 'delay' | 'advance-clock'
  /** Two, between which something is done; one, to which; or none, for all. */
  readonly Regions?: readonly string[]
  readonly OneWay?: boolean
  /** Such as `5s`. */
  readonly Duration?: string
}

/** @throws ApiError */
export function describeDrill(asking: Asking): Promise<Drill> {
  return askRest<Drill>(asking, 'keyspan', '/drill', {})
}

/** Does a step, and tells how it is then. @throws ApiError */
export function changeDrill(asking: Asking, step: DrillStep): Promise<Drill> {
  return askRest<Drill>(asking, 'keyspan', '/drill/step', step)
}
