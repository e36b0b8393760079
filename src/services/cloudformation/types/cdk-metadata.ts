import type { ResourceType } from './resource-type.ts'

/** What the CDK says of itself in a template. Nothing is made of it. */
export const cdkMetadata: ResourceType = {
  name: 'AWS::CDK::Metadata',
  schema: {
    type: 'object',
    required: [],
    properties: { Analytics: { type: 'string' }, Modules: { type: 'string' } },
  },
  attributes: [],
  secrets: [],
  createOnly: [],
  writeOnly: [],
  nameProperty: null,
  tagsProperty: null,
  capability: () => null,
  nameFor: (_request, random) =>
    Buffer.from(random(16))
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  create: async (_hands, { name }) => ({ physicalId: name ?? '', attributes: {} }),
  update: async (_hands, _request, physicalId) => ({ physicalId, attributes: {} }),
  delete: async () => undefined,
  read: async (_hands, { properties }) => properties,
}
