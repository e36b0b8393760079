import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { words } from '../words/en.ts'

/** How much of a text is shown at first: some three lines. */
const SHOWN = 160

/** A text that may be long: it does not push all else out of sight. */
export function LongText({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(false)
  if (text.length <= SHOWN) return <span className="name">{text}</span>
  return (
    <span className="name">
      {isWhole ? text : `${text.slice(0, SHOWN)}…`}{' '}
      <Button variant="inline-link" onClick={() => setWhole(!isWhole)} ariaExpanded={isWhole}>
        {isWhole ? words.key.less : words.key.whole}
      </Button>
    </span>
  )
}
