import type { FamilyMember } from '../../../../api/family.ts'
import type { Point } from './frame.ts'

/** What a sign tells of a Region: each has a shape of its own. */
export type SignKind = 'in-use' | 'idle' | 'coming' | 'leaving'

const KINDS: Readonly<Record<string, SignKind>> = {
  Disabled: 'idle',
  PendingImport: 'idle',
  Creating: 'coming',
  COMING: 'coming',
  PendingDeletion: 'leaving',
  PendingReplicaDeletion: 'leaving',
  GONE: 'leaving',
  UNREACHABLE: 'idle',
}

/** Of primaries and replicas, in pixels. */
const RADIUS = { primary: 9, replica: 6 }

export function signOf({ State }: Pick<FamilyMember, 'State'>): SignKind {
  return KINDS[State] ?? 'in-use'
}

interface SignProps {
  readonly at: Point
  readonly isPrimary: boolean
  readonly kind: SignKind
}

/** The sign of a Region. */
export function Sign({ at: { x, y }, isPrimary, kind }: SignProps) {
  const radius = isPrimary ? RADIUS.primary : RADIUS.replica
  const arm = radius / 2.2
  const isInUse = kind === 'in-use'
  return (
    <>
      <circle className={isInUse ? 'sign' : `sign-${kind}`} cx={x} cy={y} r={radius} />
      {isPrimary && isInUse && <circle className="sign-inner" cx={x} cy={y} r={radius / 2.6} />}
      {kind === 'leaving' && (
        <path
          className="sign-cross"
          d={`M${x - arm} ${y - arm}L${x + arm} ${y + arm}M${x - arm} ${y + arm}L${x + arm} ${y - arm}`}
        />
      )}
    </>
  )
}
