import type { Operation } from '../../kernel/operation.ts'
import type { AccessQuestions } from './access-questions.ts'
import type { AuditProofs } from './audit-proofs.ts'
import type { Drills } from './drills.ts'
import { BeginConsoleSession } from './operations/begin-console-session.ts'
import { changeDrill } from './operations/change-drill.ts'
import { comparePolicy } from './operations/compare-policy.ts'
import { describeAuditLog } from './operations/describe-audit-log.ts'
import { describeFamily } from './operations/describe-family.ts'
import { describeDrill } from './operations/describe-drill.ts'
import { describeSystem, type SystemView } from './operations/describe-system.ts'
import { explainRefusal, type ExplainRefusal } from './operations/explain-refusal.ts'
import { listRefusals } from './operations/list-refusals.ts'
import { proveEvent } from './operations/prove-event.ts'
import { simulateRequest } from './operations/simulate-request.ts'
import { whoCan } from './operations/who-can.ts'

/** What these operations ask of the server. */
interface KeyspanTools {
  readonly explain: ExplainRefusal
  readonly questions: AccessQuestions
  readonly system: SystemView
  readonly proofs: AuditProofs
  readonly drills: Drills
}

/** What Keyspan offers beyond AWS. */
export function keyspanOperations({ explain, questions, system, proofs, drills }: KeyspanTools): readonly Operation[] {
  return [
    BeginConsoleSession,
    explainRefusal(explain),
    listRefusals(questions),
    whoCan(questions),
    simulateRequest(questions),
    comparePolicy(questions),
    describeFamily(questions),
    describeSystem(system),
    describeAuditLog(proofs),
    proveEvent(proofs),
    describeDrill(drills),
    changeDrill(drills),
  ]
}

/** Where each operation is found. */
export const keyspanRoutes: Readonly<Record<string, string>> = {
  'POST /console-session': 'BeginConsoleSession',
  'POST /explain': 'ExplainRefusal',
  'POST /refusals': 'ListRefusals',
  'POST /who-can': 'WhoCan',
  'POST /simulate': 'SimulateRequest',
  'POST /compare-policy': 'ComparePolicy',
  'POST /family': 'DescribeFamily',
  'POST /system': 'DescribeSystem',
  'POST /audit-log': 'DescribeAuditLog',
  'POST /prove-event': 'ProveEvent',
  'POST /drill': 'DescribeDrill',
  'POST /drill/step': 'ChangeDrill',
}
