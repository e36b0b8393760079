interface MomentProps {
  readonly seconds: number
  /** Whether its second is told. */
  readonly isExact?: boolean
}

/** A time of AWS, in seconds since 1970, as this browser's user writes times. */
export function Moment({ seconds, isExact = false }: MomentProps) {
  const date = new Date(seconds * 1000)
  const text = date.toLocaleString('en', { dateStyle: 'medium', timeStyle: isExact ? 'medium' : 'short' })
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()}>
      {text}
    </time>
  )
}
