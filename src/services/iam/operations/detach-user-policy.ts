import { detachPolicy } from '../attachments.ts'

/** Detaches a managed policy from a user. */
export const DetachUserPolicy = detachPolicy('DetachUserPolicy', 'user')
