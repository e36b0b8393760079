import { endHandshake } from '../end-handshake.ts'

/** Takes an invitation back. */
export const CancelHandshake = endHandshake('CancelHandshake', 'managementAccount', 'CANCELED')
