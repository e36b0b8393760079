import { attachPolicy } from '../attachments.ts'

/** Attaches a managed policy to a role. */
export const AttachRolePolicy = attachPolicy('AttachRolePolicy', 'role')
