import { z } from 'zod'
import { DRILL_ACTIONS, DrillError, type DrillStep } from '../../../domain/drill/step.ts'
import { need } from '../../../kernel/access/need.ts'
import { asParameters } from '../../../kernel/audit.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { list } from '../../../kernel/parse.ts'
import type { Drills } from '../drills.ts'
import { errors } from '../errors.ts'
import { requireOperator } from '../require-operator.ts'
import { drillAnswer } from './describe-drill.ts'

/** A drill is about two Regions at most; more are refused with a sentence. */
const MOST_REGIONS = 10

/**
 * Does a step of a drill, or moves the clock: as `keyspan region` and `keyspan clock advance`. It is for the account
 * that the deployment began with, for it is felt by all, and for development mode.
 *
 * Drills are in memory, and nothing of the account changes: there is no transaction that they could be part of. It is
 * recorded as what changes something.
 */
export const changeDrill = (drills: Drills) =>
  globalReadOperation({
    name: 'ChangeDrill',
    errors: [errors.ResourceNotFoundException, errors.ValidationException],
    input: z.object({
      Action: z.enum([...DRILL_ACTIONS, 'advance-clock']),
      Regions: list(z.string().min(1).max(64), MOST_REGIONS).default([]),
      OneWay: z.boolean().default(false),
      Duration: z.string().max(32).optional(),
    }),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:ChangeDrill', '*', region)],
    async run({ Action, Regions, OneWay, Duration }, _found, call) {
      requireOperator(drills, call)
      const step = { regions: Regions, oneWay: OneWay, delay: Duration }
      await asValidation(() =>
        Action === 'advance-clock' ? advance(drills, step) : drills.step({ action: Action, ...step }),
      )
      return drillAnswer(await drills.describe())
    },
    record: (input) => ({ requestParameters: asParameters(input), readOnly: false, resources: [] }),
  })

async function advance(drills: Drills, { regions, oneWay, delay = '' }: Omit<DrillStep, 'action'>): Promise<void> {
  if (regions.length > 0 || oneWay === true) throw new DrillError('There is one clock for all Regions: name none.')
  await drills.advanceClock(delay)
}

/** @throws ValidationException where a step cannot be done */
async function asValidation(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw error instanceof DrillError ? errors.ValidationException(error.message) : error
  }
}
