import { attachPolicy } from '../attachments.ts'

/** Attaches a managed policy to a user. */
export const AttachUserPolicy = attachPolicy('AttachUserPolicy', 'user')
