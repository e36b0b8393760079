import { KIND_RULES, type KindRules } from '../parse/kind-rules.ts'
import type { PolicyKind } from '../parse/document.ts'
import { nearest } from '../vocabulary/nearest.ts'
import { type Finding, findingOf, placesIn, type Spot } from './finding.ts'
import type { IssueCode } from './issues.ts'

/** The kinds of policy that are looked through; `resource` is that of any resource, of whatever service. */
export type LintedKind = PolicyKind | 'resource'

/** What is known beside the text. */
export interface LintOptions {
  /** Of a key policy, the ARN of its key. */
  readonly key?: string
  /** How many characters such a policy can have; white space counts where it does for AWS. */
  readonly quota?: number
  /** Says whether there is a Region of a name. */
  readonly isRegion: (name: string) => boolean
}

/** What is written down while a document is looked through. */
export interface Notebook {
  readonly text: string
  readonly kind: LintedKind
  readonly rules: KindRules
  readonly options: LintOptions
  readonly findings: Finding[]
  note(code: IssueCode, details: string, ...spots: readonly Spot[]): void
  /** ` Did you mean kms:Encrypt?`; nothing where no name is near. */
  meant(written: string, names: () => Iterable<string>): string
}

/** To look for a near name costs as much as hundreds of comparisons: after so many, nobody reads on. */
const MOST_GUESSES = 40
const LONGEST_GUESSED = 96

/** Of what a finding is about, the first so many places are told: all of them, for each finding, would be too many. */
const MOST_SPOTS = 20
const MOST_NAMES = 20

/** Names in a sentence, not more than anybody reads. */
export function listed(names: readonly string[]): string {
  const hidden = names.length - MOST_NAMES
  return `${names.slice(0, MOST_NAMES).join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`
}

/** The kind of the parser whose rules a kind has. */
export function parsedKind(kind: LintedKind): PolicyKind {
  return kind === 'resource' ? 'vpce' : kind
}

/** A notebook with nothing in it. */
export function createNotebook(text: string, kind: LintedKind, options: LintOptions): Notebook {
  const findings: Finding[] = []
  const placeOf = placesIn(text)
  const guesses = new Map<string, string>()
  return {
    text,
    kind,
    rules: KIND_RULES[parsedKind(kind)],
    options,
    findings,
    note(code, details, ...spots) {
      findings.push(findingOf(code, details, spots.slice(0, MOST_SPOTS), placeOf))
    },
    meant(written, names) {
      const known = guesses.get(written)
      if (known !== undefined) return known
      if (guesses.size >= MOST_GUESSES || written.length > LONGEST_GUESSED) return ''
      const near = nearest(written, names())
      const sentence = near === undefined ? '' : ` Did you mean ${near}?`
      guesses.set(written, sentence)
      return sentence
    },
  }
}
