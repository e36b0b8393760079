/** Where something stands in a template, such as `Resources`, `MyKey`, `Properties`, `KeyPolicy`. */
export type Path = readonly string[]

/** A path as errors write it. */
export function written(path: Path): string {
  return path.join('/')
}
