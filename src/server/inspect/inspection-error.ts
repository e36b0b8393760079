/** A question that cannot be answered; its message is for the person who asks. */
export class InspectionError extends Error {}

/** The end of a message: the name that comes nearest to the one that is none, if any is near. */
export function meant(near: string | undefined): string {
  return near === undefined ? '' : ` Did you mean ${near}?`
}
