import { holds } from '../../src/domain/imports.ts'
import { stagedMaterial, type KeyRecord } from '../../src/domain/key.ts'
import { roleOf } from '../../src/domain/multi-region.ts'
import { refuseInState, type StatefulOperation } from '../../src/domain/key-state.ts'
import type { Seat, Step } from '../../src/replication/governing.ts'
import { NOW, REGIONS, type Protocol } from './protocol.ts'

/** What people and time can do to a key. */
export const COMMANDS = [
  'replicate',
  'rotate',
  'importNew',
  'importAgain',
  'discard',
  'rotateToImported',
  'handOff',
  'changeShared',
  'disable',
  'enable',
  'schedule',
  'cancel',
  'expire',
] as const
export type Command = (typeof COMMANDS)[number]

const BIRTH = { createdAt: NOW, description: '', policy: '', principals: {}, tags: [] }

/** Every way in which `command` can be done in this Region now, as the operations and the sweep allow it. */
export function waysOf(command: Command, seat: Seat, protocol: Protocol): readonly Step[] {
  const { key } = seat
  if (key === null || key.family === null) return []
  const changed = (change: Partial<KeyRecord>): readonly Step[] => [
    { seat: { ...seat, key: { ...key, ...change } }, out: [] },
  ]
  const may = (operation: StatefulOperation) => refuseInState(operation, key) === null
  const isPrimary = roleOf(key.family) === 'PRIMARY'
  const members = Object.keys(key.family.authority?.members ?? {})
  const others = REGIONS.filter((region) => region !== key.region)
  switch (command) {
    case 'replicate':
      if (!isPrimary || !may('ReplicateKey')) return []
      return others.filter((to) => !members.includes(to)).map((to) => protocol.replicate(seat, to, BIRTH))
    case 'rotate':
      return isPrimary && may('RotateKeyOnDemand') && stagedMaterial(key) === null
        ? [protocol.rotate(seat, nextMaterial(key), NOW)]
        : []
    case 'importNew':
      return key.imports !== undefined && isPrimary && may('ImportKeyMaterial') && stagedMaterial(key) === null
        ? [protocol.importNew(seat, nextMaterial(key).id, null)]
        : []
    case 'importAgain': {
      const lacking = key.materials.filter(({ id }) => !holds(key, id))
      return may('ImportKeyMaterial') ? lacking.map(({ id }) => protocol.importAgain(seat, id, null)) : []
    }
    case 'discard': {
      // What expires does so in every state.
      const here = Object.keys(key.imports?.held ?? {})
      return here.map((id) => protocol.discard(seat, [id]))
    }
    case 'rotateToImported':
      return isPrimary && may('RotateKeyOnDemand') && stagedMaterial(key)?.importedEverywhere === true
        ? [protocol.rotateToImported(seat, NOW)]
        : []
    case 'handOff':
      if (!isPrimary || !may('UpdatePrimaryRegion')) return []
      return members.map((to) => protocol.handOff(seat, to))
    case 'changeShared':
      return isPrimary && may('EnableKeyRotation')
        ? [protocol.changeShared(seat, { rotation: key.rotation === null ? { periodDays: 365, nextAt: 1 } : null })]
        : []
    case 'disable':
      return may('DisableKey') && key.enabled ? changed({ enabled: false }) : []
    case 'enable':
      return may('EnableKey') && !key.enabled ? changed({ enabled: true }) : []
    case 'schedule':
      return may('ScheduleKeyDeletion')
        ? [{ seat: { ...seat, key: protocol.scheduleDeletion(key, 7, NOW) }, out: [] }]
        : []
    case 'cancel':
      return may('CancelKeyDeletion') ? changed({ deletion: null, enabled: false }) : []
    case 'expire':
      if (key.family.recovery !== undefined) return []
      return key.deletion !== null && key.deletion.at !== null ? [protocol.expire(seat)] : []
  }
}

/** Materials of different makers differ, even of the same generation. */
function nextMaterial(key: KeyRecord) {
  const generation = (key.materials.at(-1)?.generation ?? 0) + 1
  const id = `m${generation}-${key.region}-${key.family?.epoch ?? 0}`
  return { id, generation, rotation: null, requested: { at: NOW, type: 'ON_DEMAND' as const } }
}
