import { endHandshake } from '../end-handshake.ts'

/** Declines an invitation. */
export const DeclineHandshake = endHandshake('DeclineHandshake', 'account', 'DECLINED')
