import { attachPolicy } from '../attachments.ts'

/** Attaches a managed policy to a group. */
export const AttachGroupPolicy = attachPolicy('AttachGroupPolicy', 'group')
