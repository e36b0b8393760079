import type { Operation } from '../../kernel/operation.ts'
import { BeginConsoleSession } from './operations/begin-console-session.ts'
import { explainRefusal, type ExplainRefusal } from './operations/explain-refusal.ts'

/** What Keyspan offers beyond AWS. */
export function keyspanOperations(explain: ExplainRefusal): readonly Operation[] {
  return [BeginConsoleSession, explainRefusal(explain)]
}
