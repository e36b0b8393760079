import { type FindingType, type IssueCode, linkOf, TYPE_OF } from './issues.ts'

/** A step into a document: to the value of a name, to a name itself, into an array, or into a string. */
export type PathElement =
  | { readonly value: string }
  | { readonly key: string }
  | { readonly index: number }
  | { readonly substring: { readonly start: number; readonly length: number } }

/** A place in a text: lines from 1, columns and offsets from 0, both in UTF-16 units. */
export interface TextPlace {
  readonly line: number
  readonly column: number
  readonly offset: number
}

/** What a finding is about; the end is behind the last character. */
export interface Location {
  readonly path: readonly PathElement[]
  readonly span: { readonly start: TextPlace; readonly end: TextPlace }
}

/** A finding, as the API has it. */
export interface Finding {
  readonly findingType: FindingType
  readonly issueCode: IssueCode
  /** What is wrong, and what to do about it. */
  readonly findingDetails: string
  readonly learnMoreLink: string
  readonly locations: readonly Location[]
}

/** A part of a document: the way to it, and where it stands. */
export interface Spot {
  readonly path: readonly PathElement[]
  readonly at: number
  readonly end: number
}

/** A finding of a kind, at some spots of a text. */
export function findingOf(
  code: IssueCode,
  details: string,
  spots: readonly Spot[],
  placeOf: (offset: number) => TextPlace,
): Finding {
  return {
    findingType: TYPE_OF[code],
    issueCode: code,
    findingDetails: details,
    learnMoreLink: linkOf(code),
    locations: spots.map(({ path, at, end }) => ({ path, span: { start: placeOf(at), end: placeOf(end) } })),
  }
}

/** Finds places in a text, each in the time that it takes to halve its lines. */
export function placesIn(text: string): (offset: number) => TextPlace {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0), offset }
  }
}

/** A path as the parser of policies has it: names and indices. */
export function stepsOf(path: readonly PathElement[]): readonly (string | number)[] {
  return path.flatMap((step) => {
    if ('value' in step) return step.value
    if ('key' in step) return step.key
    return 'index' in step ? step.index : []
  })
}
