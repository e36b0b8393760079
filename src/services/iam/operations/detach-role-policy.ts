import { detachPolicy } from '../attachments.ts'

/** Detaches a managed policy from a role. */
export const DetachRolePolicy = detachPolicy('DetachRolePolicy', 'role')
