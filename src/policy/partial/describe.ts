import type { CompiledStatement } from '../compile.ts'
import type { Condition } from '../conditions/condition.ts'
import type { Comparison, Family, Operator } from '../conditions/operator.ts'
import type { Effect } from '../parse/document.ts'
import type { Open, Rest } from './rest.ts'

/** What an open thing is, without how it is answered. */
type Described = Omit<Open, 'holds'>

/** A condition whose key, or a variable of which, is open. */
export function describeCondition({ operator, key, lowerCaseKey, values }: Condition, effect: Effect): Described {
  return {
    // A condition that cannot be decided denies and does not allow, so those of the two effects are not the same.
    id: JSON.stringify([effect, operator.name, lowerCaseKey, values]),
    phrase: (negated, most) => phraseOf(operator, key, listed(values, most), negated),
    data: { operator: operator.name, key, values },
  }
}

/** A resource pattern of which a variable is open. */
export function describeResource({ source, effect }: CompiledStatement): Described {
  const patterns = source.resource?.patterns.map(({ value }) => value) ?? []
  const isNegated = source.resource?.negated === true
  const name = isNegated ? 'NotResource' : 'Resource'
  return {
    id: JSON.stringify([effect, name, patterns]),
    phrase: (negated, most) => `the key ${negated === isNegated ? 'is' : 'is not'} ${listed(patterns, most)}`,
    data: { element: name, values: patterns },
  }
}

const VERBS: Readonly<Record<Comparison, readonly [string, string]>> = {
  equals: ['is', 'is not'],
  'equals-ignore-case': ['is, in any case,', 'is not, in any case,'],
  like: ['is like', 'is not like'],
  less: ['is below', 'is not below'],
  'less-equals': ['is at most', 'is above'],
  greater: ['is above', 'is not above'],
  'greater-equals': ['is at least', 'is below'],
}

const DATE_VERBS: Partial<Record<Comparison, readonly [string, string]>> = {
  less: ['is before', 'is not before'],
  'less-equals': ['is not after', 'is after'],
  greater: ['is after', 'is not after'],
  'greater-equals': ['is not before', 'is before'],
}

function verbOf(family: Family, comparison: Comparison, negated: boolean): string {
  const [plain, contrary] = (family === 'date' ? DATE_VERBS[comparison] : undefined) ?? VERBS[comparison]
  if (family === 'ip-address') return negated ? 'is outside' : 'is within'
  if (family === 'arn') return negated ? 'is not like' : 'is like'
  return negated ? contrary : plain
}

function phraseOf(operator: Operator, key: string, values: string, negated: boolean): string {
  const { family, comparison, quantifier, ifExists } = operator
  if (family === 'null')
    return `${key} is ${values.toLowerCase().startsWith('true') === negated ? 'present' : 'absent'}`
  const isContrary = operator.negated !== negated
  const said = (contrary: boolean) => `${verbOf(family, comparison, contrary)} ${values}`
  if (quantifier === 'one') {
    if (!ifExists || operator.negated) return `${key} ${said(isContrary)}`
    return negated ? `${key} is present and ${said(true)}` : `${key} ${said(false)} or is absent`
  }
  const isEvery = (quantifier === 'all') !== negated
  return `${isEvery ? 'every' : 'some'} value of ${key} ${said(isContrary)}`
}

const MOST_VALUES = 8

/** Values as a person says them; not more than a reader takes in. */
function listed(values: readonly string[], most: number): string {
  const shown = values.slice(0, most).map((value) => (/^[\w./:*?@${}+-]+$/.test(value) ? value : JSON.stringify(value)))
  const hidden = values.length - shown.length
  if (hidden > 0) return `${shown.join(', ')} or one of ${hidden} more`
  const last = shown.pop() ?? 'anything of an empty list'
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`
}

/**
 * A rest in words: `kms:ReplicaRegion is eu-west-1 or ap-southeast-1`.
 *
 * @param most how many values of a list are written out
 */
export function phrase(rest: Rest, most = MOST_VALUES): string {
  if (typeof rest === 'boolean') return rest ? 'always' : 'never'
  return say(rest, false, most)
}

function say(rest: Exclude<Rest, boolean>, negated: boolean, most: number): string {
  switch (rest.kind) {
    case 'open':
      return rest.open.phrase(negated, most)
    case 'not':
      return typeof rest.of === 'boolean' ? phrase(!rest.of) : say(rest.of, !negated, most)
    case 'all':
    case 'any': {
      const isAll = (rest.kind === 'all') !== negated
      // Conditions that differ in what they do with an absent key may say the same.
      const parts = [...new Set(rest.of.map((each) => bracketed(each, negated, isAll, most)))]
      return parts.join(isAll ? ', and ' : ', or ')
    }
  }
}

/** In brackets where it would be read as part of what stands around it. */
function bracketed(rest: Exclude<Rest, boolean>, negated: boolean, isInAll: boolean, most: number): string {
  const said = say(rest, negated, most)
  const inner = rest.kind === 'not' && typeof rest.of !== 'boolean' ? rest.of : rest
  const isNegated = inner === rest ? negated : !negated
  const isJoined = inner.kind === 'all' || inner.kind === 'any'
  if (!isJoined) return said
  return ((inner.kind === 'all') !== isNegated) === isInAll ? said : `(${said})`
}

/** A rest for programs: `{"all": [...]}`, `{"any": [...]}`, `{"not": ...}`, or what one condition asks. */
export function restData(rest: Rest): unknown {
  if (typeof rest === 'boolean') return rest
  switch (rest.kind) {
    case 'open':
      return rest.open.data
    case 'not':
      return { not: restData(rest.of) }
    case 'all':
    case 'any':
      return { [rest.kind]: rest.of.map(restData) }
  }
}
