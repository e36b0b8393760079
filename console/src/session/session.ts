import { useSyncExternalStore } from 'react'
import type { Credentials } from '../api/signed-fetch.ts'

/** Who is signed in. */
export interface Session {
  readonly credentials: Credentials
  readonly account: string
  readonly arn: string
  /** In epoch milliseconds; null where they do not end by themselves. */
  readonly endsAt: number | null
  /** Who it was before a role was taken; null where none was. */
  readonly before: Session | null
}

/** Gone with the tab. What is kept are credentials that end within the hour: a secret that lasts is never kept. */
const PLACE = 'keyspan.session'

let isOver = false
let current = read()
const listeners = new Set<() => void>()

/** The session, or null: whoever reads it is drawn anew when it changes. */
export function useSession(): Session | null {
  return useSyncExternalStore(subscribe, () => current)
}

/** Whether there is no session because the one that there was is over, and not because somebody signed out. */
export function useIsOver(): boolean {
  return useSyncExternalStore(subscribe, () => isOver)
}

/** Forgets a session that is over. */
export function endSession(): void {
  if (current === null) return
  setSession(null)
  isOver = true
}

/** Signs in, takes a role, or with null signs out and forgets. */
export function setSession(session: Session | null): void {
  current = session
  isOver = false
  if (session === null) sessionStorage.removeItem(PLACE)
  else sessionStorage.setItem(PLACE, JSON.stringify(session))
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function read(): Session | null {
  const text = sessionStorage.getItem(PLACE)
  if (text === null) return null
  const session = parse(text)
  isOver = session?.endsAt != null && session.endsAt < Date.now()
  return isOver ? null : session
}

/** A session that was kept; null where it is none: whoever sees the page can sign in again. */
function parse(text: string): Session | null {
  try {
    return JSON.parse(text) as Session
  } catch {
    return null
  }
}
