import { compareTexts, GONE, iamCapability } from './iam-parts.ts'
import { generatedId } from './names.ts'
import type { Hands, ResourceType } from './resource-type.ts'
import { answered, listed, textIn, textsIn, unless } from './values.ts'

/** Users who are put into a group. */
export const iamUserToGroupAddition: ResourceType = {
  name: 'AWS::IAM::UserToGroupAddition',
  schema: {
    type: 'object',
    required: ['GroupName', 'Users'],
    properties: {
      GroupName: { type: 'string', min: 1, max: 128 },
      Users: { type: 'list', unordered: true, items: { type: 'string', min: 1, max: 64 } },
    },
  },
  attributes: ['Id'],
  secrets: [],
  createOnly: [],
  writeOnly: [],
  nameProperty: null,
  tagsProperty: null,
  capability: iamCapability(null),
  nameFor: (request, random) => generatedId(request, random),

  async create(hands, { properties, name }) {
    const physicalId = name ?? ''
    const { GroupName } = properties
    for (const UserName of new Set(textsIn(properties, 'Users'))) {
      await hands.make('iam', 'AddUserToGroup', { GroupName, UserName }, () => physicalId)
    }
    return { physicalId, attributes: { Id: physicalId } }
  },

  async update(hands, { properties }, physicalId, { properties: was }) {
    const isMoved = was.GroupName !== properties.GroupName
    const { added, removed } = compareTexts(isMoved ? { Users: [] } : was, properties, 'Users')
    for (const UserName of added) {
      await hands.call('iam', 'AddUserToGroup', { GroupName: properties.GroupName, UserName })
    }
    const gone = isMoved ? textsIn(was, 'Users') : removed
    await remove(hands, textIn(was, 'GroupName') ?? '', gone)
    return { physicalId, attributes: { Id: physicalId } }
  },

  async delete(hands, { properties }) {
    await remove(hands, textIn(properties, 'GroupName') ?? '', textsIn(properties, 'Users'))
  },

  async read(hands, { properties }) {
    const GroupName = textIn(properties, 'GroupName') ?? ''
    const answer = await unless(GONE, hands.call('iam', 'GetGroup', { GroupName }))
    if (answer === null) return null
    const members = await listed(hands, 'iam', 'GetGroup', { GroupName }, 'Users')
    const names = members.map((user) => answered(user, 'UserName'))
    // The group may have other members, whom something else has put there.
    const Users = textsIn(properties, 'Users').filter((name) => names.includes(name))
    return Users.length === 0 ? null : { GroupName, Users }
  },
}

async function remove(hands: Hands, GroupName: string, users: readonly string[]): Promise<void> {
  for (const UserName of new Set(users)) {
    await unless(GONE, hands.call('iam', 'RemoveUserFromGroup', { GroupName, UserName }))
  }
}
