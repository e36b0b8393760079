import { z } from 'zod'
import { federatedUserArn } from '../../../domain/arn.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { beginSession } from '../begin-session.ts'
import { errors } from '../errors.ts'
import { recordSession } from '../record.ts'
import { requireLongTerm, userIdOf } from '../requirements.ts'
import { acceptSessionPolicies, packedPolicySize } from '../session-policy.ts'
import { acceptSessionTags, sessionTagKeys } from '../session-tags.ts'
import * as shape from '../shapes.ts'

const DEFAULT_SECONDS = 43_200

/** Begins a session under a name of its own, with the permissions that its policies and the user's have in common. */
export const GetFederationToken = globalWriteOperation({
  name: 'GetFederationToken',
  errors: [
    errors.AccessDenied,
    errors.InvalidParameterValue,
    errors.MalformedPolicyDocument,
    errors.PackedPolicyTooLarge,
    errors.ValidationError,
  ],
  input: z.object({
    Name: shape.federatedName,
    Policy: shape.policy.optional(),
    PolicyArns: shape.policyArns,
    DurationSeconds: shape.duration(129_600).default(DEFAULT_SECONDS),
    Tags: shape.tags,
  }),
  load(given, { caller }) {
    requireLongTerm('GetFederationToken', caller)
    return acceptSessionTags(given, caller.session)
  },
  requires: ({ Name, Tags }, _found, { caller, region }) => {
    const arn = federatedUserArn(caller.account, Name)
    const actions = ['sts:GetFederationToken', ...(Tags.length > 0 ? ['sts:TagSession'] : [])]
    return actions.map((action) => need(action, arn, region, sessionTagKeys({ Tags })))
  },
  async run(given, { tags }, { caller, now }, powers) {
    const userId = userIdOf(caller)
    const session = {
      kind: 'federated',
      userId,
      name: given.Name,
      ...(await acceptSessionPolicies(given, caller.account, powers.reads)),
      tags,
    } as const
    const Credentials = await beginSession(powers, caller.account, userId, session, given.DurationSeconds, now)
    const Arn = federatedUserArn(caller.account, given.Name)
    const FederatedUser = { FederatedUserId: `${caller.account}:${given.Name}`, Arn }
    return { Credentials, FederatedUser, PackedPolicySize: packedPolicySize(given) }
  },
  record: (given, _found, output) => recordSession(given, output),
})
