import { useSyncExternalStore } from 'react'

/** What has happened, as it is told above a page. */
export interface Notice {
  readonly id: number
  readonly text: string
}

/** How long it is told, in milliseconds. */
const TOLD_MS = 8000

let notices: readonly Notice[] = []
let last = 0
const listeners = new Set<() => void>()

/** What is told now. */
export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(subscribe, () => notices)
}

/** Tells that something was done. What was refused is told where it was asked for. */
export function tell(text: string): void {
  const id = (last += 1)
  change([...notices, { id, text }])
  setTimeout(() => dismiss(id), TOLD_MS)
}

/** Tells it no longer. */
export function dismiss(id: number): void {
  change(notices.filter((notice) => notice.id !== id))
}

function change(next: readonly Notice[]): void {
  notices = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
