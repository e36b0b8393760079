/** A peer that cannot be reached, or does not answer as one does. */
export class PeerError extends Error {}
