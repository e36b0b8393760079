import { z } from 'zod'
import {
  ALL_MANAGEMENT_EVENTS,
  isSeenIn,
  trailArn,
  type Trail,
  type TrailSettings,
} from '../../../domain/trail/trail.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import type { CheckBucket } from '../bucket-check.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { needFor, putTrail, trailsOf } from '../trails/find.ts'
import { requireTrailName } from '../trails/names.ts'
import {
  acceptSettings,
  requireBucket,
  requireRoom,
  requireTogether,
  settingsInput,
  wireSettings,
} from '../trails/settings.ts'
import { acceptTags, tagContext, tagsInput } from '../trails/tags.ts'

/** Makes a trail. It delivers nothing until it is started. */
export const createTrail = (check: CheckBucket) =>
  globalWriteOperation({
    name: 'CreateTrail',
    errors: Object.values(errors),
    input: z.object({ ...settingsInput, Name: z.string(), S3BucketName: z.string(), TagsList: tagsInput.optional() }),
    load(asked, { caller: { account }, region }) {
      requireTrailName(asked.Name)
      const settings: TrailSettings = {
        bucket: asked.S3BucketName,
        prefix: null,
        isMultiRegion: false,
        includesGlobal: true,
        isValidated: false,
        selectors: ALL_MANAGEMENT_EVENTS,
        ...acceptSettings(asked),
      }
      requireTogether(settings)
      const arn = trailArn({ account, homeRegion: region, name: asked.Name })
      return { settings, tags: acceptTags(asked.TagsList), arn, trail: null }
    },
    requires: ({ TagsList }, found, call) => needFor('CreateTrail', found, call, tagContext(TagsList)),
    ahead: (_asked, { settings }, call) => requireBucket(check, settings, call).then(() => undefined),
    async run({ Name: name }, { settings, tags }, { caller: { account }, region }, { writes, random }) {
      const trail: Trail = {
        id: random(16).toString('hex'),
        account,
        homeRegion: region,
        name,
        settings,
        isSelective: false,
        tags,
        startedAt: null,
        stoppedAt: null,
        stretches: [],
      }
      const others = await trailsOf(writes, account)
      const same = others.find(
        (each) => each.name === name && (isSeenIn(each, region) || isSeenIn(trail, each.homeRegion)),
      )
      if (same !== undefined) {
        throw errors.TrailAlreadyExistsException(
          `Trail ${name} already exists for customer: ${account}. It is ${trailArn(same)}: take another name, or change it.`,
        )
      }
      requireRoom(others, trail)
      await putTrail(writes, trail)
      return wireSettings(trail)
    },
    record: (asked, _found, answer) => recordOf(asked, answer),
  })
