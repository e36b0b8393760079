import { z } from 'zod'
import { DrillError } from '../domain/drill/step.ts'
import type { Region } from '../domain/region.ts'
import { WireError } from '../kernel/errors.ts'
import type { Drills } from '../services/keyspan/drills.ts'
import type { AlarmBell } from './alarms/alarms.ts'
import { AccountError, type AccountSummary, type RootAccessKey } from './data/accounts.ts'
import { BackupError } from './data/backup.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { Clock } from './clock.ts'
import { ConfigError } from './config/config-error.ts'
import { CommandError } from './command-error.ts'
import { closeControlSocket, openControlSocket } from './control-socket.ts'
import { DataDirectoryError, type DataDirectory } from './data/data-directory.ts'
import { InspectionError } from './inspect/inspection-error.ts'
import { IntroductionError } from './peers/introduction.ts'
import type { Inspector } from './inspect/inspector.ts'
import type { Disasters } from './disaster/disaster-commands.ts'
import type { SealedReport } from '../storage/check-sealed.ts'
import { KeyringError } from '../crypto/sealing/keyring.ts'
import type { Keyring } from './trust/keyring.ts'
import type { Peers } from './peers/peers.ts'
import type { ReplicationLoop } from './regions/replication-loop.ts'
import type { ExportedSeed } from './seed/export.ts'
import type { MadeUser, NewUser } from './user-maker.ts'

/** What `keyspan` commands can ask of the server that runs on the same data directory. */
export interface ControlPowers {
  readonly dev: boolean
  readonly clock: Clock
  readonly watch: ClockWatch
  readonly loop: ReplicationLoop
  /** Null where all Regions are here. */
  readonly peers: Peers | null
  /** Gives every Region that is here another identity. */
  renewIdentities(): Promise<readonly Region[]>
  readonly drills: Drills
  readonly keyring: Keyring
  /** Opens everything that rests in the databases. */
  verifyKeyring(): Promise<readonly SealedReport[]>
  readonly inspector: () => Promise<Inspector>
  readonly disasters: Disasters
  /** Null where there are no alarms. */
  readonly bell: AlarmBell | null
  /** The address that signs in once, as the root user of an account. */
  makeConsoleLink(account: string): Promise<{ readonly url: string }>
  takeBackup(target: string): Promise<object>
  pruneAudit(before: string | null): Promise<object>
  createAccount(id: string): Promise<RootAccessKey>
  renewKey(id: string): Promise<RootAccessKey>
  listAccounts(): Promise<readonly AccountSummary[]>
  createUser(user: NewUser): Promise<MadeUser>
  exportSeed(material: boolean): Promise<ExportedSeed>
}

/** What a command is told in words that are for its user. */
const EXPECTED = [
  CommandError,
  DrillError,
  AccountError,
  BackupError,
  DataDirectoryError,
  InspectionError,
  IntroductionError,
  KeyringError,
  ConfigError,
  WireError,
]

/** More than any policy, as text in JSON. */
const MAX_BODY_BYTES = 256 * 1024

/**
 * Serves the commands of whoever may enter the data directory, over a socket in it.
 *
 * Files and their permissions decide who that is: the directory is its owner's alone.
 */
export async function serveControl(data: DataDirectory, powers: ControlPowers): Promise<{ close(): Promise<void> }> {
  const server = await openControlSocket({
    path: data.controlSocket,
    longest: MAX_BODY_BYTES,
    tooLong: () => new CommandError('The command is too long.'),
    statusOf: (error) => (EXPECTED.some((kind) => error instanceof kind) ? 400 : 500),
    async obey(path, bytes) {
      // SECURITY: no text is made of a passphrase or a PIN, which could not be wiped.
      if (path === '/keyring/passphrase') return changePassphrase(bytes, powers)
      if (path === '/keyring/hsm') return moveToHsm(bytes, powers)
      const body: unknown = JSON.parse(bytes.toString())
      // What commands take is read when the first one comes: a server starts without it.
      const { obey } = await import('./commands.ts')
      return obey(path, body, powers)
    },
  })
  return { close: () => closeControlSocket(server) }
}

async function changePassphrase(passphrase: Buffer, { keyring }: ControlPowers): Promise<object> {
  try {
    return { text: await keyring.rotateRoot({ to: 'passphrase', passphrase }) }
  } finally {
    passphrase.fill(0)
  }
}

const hsmShape = z.object({ module: z.string(), token: z.string(), key: z.string().nullable() })

/** Where the HSM is, as JSON in one line, and behind it the PIN. */
async function moveToHsm(bytes: Buffer, { keyring }: ControlPowers): Promise<object> {
  try {
    const end = bytes.indexOf('\n')
    const hsm = { ...hsmShape.parse(JSON.parse(bytes.subarray(0, end).toString())), pinFile: null }
    return { text: await keyring.rotateRoot({ to: 'pkcs11', hsm, pin: bytes.subarray(end + 1) }) }
  } finally {
    bytes.fill(0)
  }
}
