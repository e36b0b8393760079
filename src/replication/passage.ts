import type { KeyRecord, Material } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import { scopeOf } from '../storage/vault.ts'
import type { Passage } from './exchange.ts'
import type { Message, MessageBody } from './message.ts'

function broughtMaterials(body: MessageBody): readonly Material[] {
  if (body.type === 'sync') return body.shared.materials
  return body.type === 'standing' ? (body.standing.has?.materials ?? []) : []
}

/** What a material is bound to when `message`, in its place `seq` of the stream, brings it. */
export function passageOf(key: KeyRecord, { from, to, body }: Message, id: MaterialId, seq: number): Passage {
  const materials = broughtMaterials(body)
  return {
    keyId: key.id,
    account: key.account,
    scopeArn: scopeOf(key),
    spec: key.spec,
    usage: key.usage,
    origin: key.origin,
    materialId: id,
    generation: materials.find((material) => material.id === id)?.generation ?? 0,
    source: from,
    destination: to,
    seq,
  }
}
