/** A setting that cannot be. It says which, where it was given, and what would do. */
export class ConfigError extends Error {}
