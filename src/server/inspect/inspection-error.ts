/** A question that cannot be answered; its message is for the person who asks. */
export class InspectionError extends Error {}
