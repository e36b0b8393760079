/** A time of AWS, in seconds since 1970, as this browser's user writes times. */
export function Moment({ seconds }: { readonly seconds: number }) {
  const date = new Date(seconds * 1000)
  const text = date.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()}>
      {text}
    </time>
  )
}
