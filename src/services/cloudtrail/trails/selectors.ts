import { z } from 'zod'
import {
  FIELD_OPERATORS,
  type AdvancedSelector,
  type BasicSelector,
  type FieldSelector,
  type Selectors,
} from '../../../domain/trail/trail.ts'
import { list, pattern, structure } from '../../../kernel/parse.ts'
import { errors } from '../errors.ts'

/** Limits of a trail (AWS CloudTrail User Guide, "Quotas"). */
const BASIC_SELECTORS = 5
const DATA_VALUES = 250
const ADVANCED_VALUES = 500

/** The services whose management events can be left out. */
const EXCLUDABLE = ['kms.amazonaws.com', 'rdsdata.amazonaws.com']
/** The resources that basic selectors know. */
const BASIC_TYPES = ['AWS::DynamoDB::Table', 'AWS::Lambda::Function', 'AWS::S3::Object']
const CATEGORIES = ['Management', 'Data', 'NetworkActivity']
const MANAGEMENT_FIELDS = ['eventCategory', 'eventSource', 'readOnly']

const operand = list(z.string().min(1).max(2048), ADVANCED_VALUES).optional()

/** Basic selectors in an input. */
export const basicInput = list(
  structure({
    ReadWriteType: z.enum(['ReadOnly', 'WriteOnly', 'All']).optional(),
    IncludeManagementEvents: z.boolean().optional(),
    DataResources: list(
      structure({ Type: z.string().optional(), Values: list(z.string(), ADVANCED_VALUES).optional() }),
      ADVANCED_VALUES,
    ).optional(),
    ExcludeManagementEventSources: list(z.string(), ADVANCED_VALUES).optional(),
  }),
  ADVANCED_VALUES,
)

/** Advanced selectors in an input. */
export const advancedInput = list(
  structure({
    Name: z.string().max(1000).optional(),
    FieldSelectors: list(
      structure({
        Field: z
          .string()
          .min(1)
          .max(1000)
          .regex(...pattern('[\\w|\\d|\\.|_]+')),
        Equals: operand,
        StartsWith: operand,
        EndsWith: operand,
        NotEquals: operand,
        NotStartsWith: operand,
        NotEndsWith: operand,
      }),
      ADVANCED_VALUES,
    ),
  }),
  ADVANCED_VALUES,
)

const refuse = (text: string) => errors.InvalidEventSelectorsException(text)

/** @throws InvalidEventSelectorsException */
export function acceptSelectors(
  basic: z.infer<typeof basicInput> | undefined,
  advanced: z.infer<typeof advancedInput> | undefined,
): Selectors {
  if ((basic === undefined) === (advanced === undefined)) {
    throw refuse('Give either EventSelectors or AdvancedEventSelectors, and not both.')
  }
  if (basic !== undefined) return { kind: 'basic', list: acceptBasic(basic) }
  return { kind: 'advanced', list: acceptAdvanced(advanced ?? []) }
}

function acceptBasic(given: z.infer<typeof basicInput>): readonly BasicSelector[] {
  if (given.length === 0 || given.length > BASIC_SELECTORS) {
    throw refuse(`EventSelectors has ${given.length} selectors, and can have 1 to ${BASIC_SELECTORS}.`)
  }
  const selectors = given.map((each): BasicSelector => ({
    access: each.ReadWriteType ?? 'All',
    hasManagement: each.IncludeManagementEvents ?? true,
    excludedSources: each.ExcludeManagementEventSources ?? [],
    data: (each.DataResources ?? []).map(({ Type, Values }) => ({ type: Type ?? '', values: Values ?? [] })),
  }))
  const values = selectors.flatMap(({ data }) => data).flatMap((each) => each.values)
  if (values.length > DATA_VALUES) {
    throw refuse(`DataResources has ${values.length} values, and can have ${DATA_VALUES} in all selectors together.`)
  }
  for (const each of selectors) requireBasic(each)
  return selectors
}

function requireBasic({ hasManagement, excludedSources, data }: BasicSelector): void {
  const source = excludedSources.find((each) => !EXCLUDABLE.includes(each))
  if (source !== undefined) {
    throw refuse(`ExcludeManagementEventSources has "${source}", and can have ${EXCLUDABLE.join(' and ')}.`)
  }
  if (excludedSources.length > 0 && !hasManagement) {
    throw refuse(
      'ExcludeManagementEventSources is for management events: set IncludeManagementEvents, or leave it out.',
    )
  }
  const type = data.find((each) => !BASIC_TYPES.includes(each.type))
  if (type !== undefined) {
    throw refuse(
      `DataResources has the type "${type.type}", and can have ${BASIC_TYPES.join(', ')}. Others are for ` +
        'AdvancedEventSelectors.',
    )
  }
  if (!hasManagement && data.length === 0) {
    throw refuse('A selector has neither management events nor data events: it selects nothing. Leave it out.')
  }
}

function acceptAdvanced(given: z.infer<typeof advancedInput>): readonly AdvancedSelector[] {
  if (given.length === 0) throw refuse('AdvancedEventSelectors is empty: give at least one selector.')
  const selectors = given.map(({ Name, FieldSelectors }): AdvancedSelector => ({
    name: Name ?? null,
    fields: FieldSelectors.map(({ Field, ...tests }) => ({ field: Field, tests })),
  }))
  const fields = selectors.flatMap((each) => each.fields)
  const values = fields.flatMap(valuesOf)
  if (values.length > ADVANCED_VALUES) {
    throw refuse(`AdvancedEventSelectors has ${values.length} values, and can have ${ADVANCED_VALUES}.`)
  }
  for (const each of selectors) requireAdvanced(each)
  return selectors
}

function requireAdvanced({ fields }: AdvancedSelector): void {
  const names = fields.map(({ field }) => field)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw refuse(`A selector has the field "${twice}" twice: put its values together.`)
  const empty = fields.find((field) => valuesOf(field).length === 0)
  if (empty !== undefined) {
    throw refuse(`The field "${empty.field}" has no values. Give some for one of ${FIELD_OPERATORS.join(', ')}.`)
  }
  const categories = fields.find(({ field }) => field === 'eventCategory')
  const [category = ''] = categories?.tests.Equals ?? []
  if (categories === undefined || !CATEGORIES.includes(category) || valuesOf(categories).length !== 1) {
    throw refuse(`A selector has the field eventCategory, which Equals one of ${CATEGORIES.join(', ')}.`)
  }
  if (category === 'Management') return requireManagement(fields)
  const needed = category === 'Data' ? 'resources.type' : 'eventSource'
  if (names.includes(needed)) return
  throw refuse(`A selector of the category ${category} needs the field ${needed}.`)
}

function requireManagement(fields: AdvancedSelector['fields']): void {
  const unknown = fields.find(({ field }) => !MANAGEMENT_FIELDS.includes(field))
  if (unknown !== undefined) {
    throw refuse(
      `Management events have no field "${unknown.field}" in a trail's selectors: there are ${MANAGEMENT_FIELDS.join(', ')}.`,
    )
  }
  const access = fields.find(({ field }) => field === 'readOnly')
  if (access === undefined) return
  if (valuesOf(access).length === 1 && ['true', 'false'].includes(access.tests.Equals?.[0] ?? '')) return
  throw refuse('The field readOnly Equals either "true" or "false".')
}

function valuesOf({ tests }: FieldSelector): readonly string[] {
  return Object.values(tests).flatMap((values) => values ?? [])
}

/** Selectors as the API spells them. */
export function wireSelectors(selectors: Selectors) {
  if (selectors.kind === 'advanced') {
    const AdvancedEventSelectors = selectors.list.map(({ name, fields }) => ({
      ...(name !== null && { Name: name }),
      FieldSelectors: fields.map(({ field, tests }) => ({ Field: field, ...tests })),
    }))
    return { AdvancedEventSelectors }
  }
  const EventSelectors = selectors.list.map(({ access, hasManagement, data, excludedSources }) => ({
    ReadWriteType: access,
    IncludeManagementEvents: hasManagement,
    DataResources: data.map(({ type, values }) => ({ Type: type, Values: values })),
    ExcludeManagementEventSources: excludedSources,
  }))
  return { EventSelectors }
}
