/** A command that cannot be done; its message is for the person at the terminal. */
export class CommandError extends Error {}
