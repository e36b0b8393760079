/** Something that was asked of a server for tests and cannot be. */
export class KeyspanError extends Error {}
