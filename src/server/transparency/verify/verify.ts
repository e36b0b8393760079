import type { RootKeyProvider } from '../../../crypto/sealing/keyring.ts'
import type { DataDirectory } from '../../data/data-directory.ts'
import type { Kept } from '../../data/kept.ts'
import { gatherEvidence, type Evidence } from './evidence.ts'
import { gatherExport } from './export.ts'
import type { Finding, LogReport } from './report.ts'
import { verifyLog } from './verify-log.ts'

/** What was found of everything. */
export interface AuditReport {
  readonly isGood: boolean
  readonly logs: readonly LogReport[]
  readonly findings: readonly Finding[]
}

/** Checks every audit log of a data directory. @param root null where it is not at hand */
export async function verifyData(data: DataDirectory, root: RootKeyProvider | null, kept?: Kept): Promise<AuditReport> {
  return verifyAll(await gatherEvidence(data, root, kept))
}

/** Checks an export, by nothing but what is in it. */
export async function verifyExport(directory: string): Promise<AuditReport> {
  return verifyAll(await gatherExport(directory))
}

async function verifyAll(evidence: readonly Evidence[]): Promise<AuditReport> {
  const logs: LogReport[] = []
  try {
    for (const each of evidence) logs.push(await verifyLog(each))
  } finally {
    for (const { tiles } of evidence) await tiles[Symbol.asyncDispose]()
  }
  const findings = logs.flatMap((log) => log.findings)
  return { isGood: findings.length === 0, logs, findings }
}
