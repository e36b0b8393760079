import { detachPolicy } from '../attachments.ts'

/** Detaches a managed policy from a group. */
export const DetachGroupPolicy = detachPolicy('DetachGroupPolicy', 'group')
