import fc from 'fast-check'
import { stringify } from 'yaml'
import { describe, expect, it } from 'vitest'
import { acceptProperties } from '../../src/services/cloudformation/template/accept-properties.ts'
import { bindTemplate } from '../../src/services/cloudformation/template/bind.ts'
import { compareProperties } from '../../src/services/cloudformation/template/drift.ts'
import { findCycle, inOrder } from '../../src/services/cloudformation/template/graph.ts'
import { acceptParameters, shownParameters } from '../../src/services/cloudformation/template/parameters.ts'
import { parseTemplate } from '../../src/services/cloudformation/template/parse-template.ts'
import { planChanges, requireRenamed, type StackBefore } from '../../src/services/cloudformation/template/plan.ts'
import type { World } from '../../src/services/cloudformation/template/resolve-value.ts'
import { resolveOutputs, resolveProperties } from '../../src/services/cloudformation/template/resolve.ts'
import { requireCapabilities, summarizeTemplate } from '../../src/services/cloudformation/template/summary.ts'
import { synthesized } from './synthesized.ts'
import { UNKNOWN, type Members, type Value } from '../../src/services/cloudformation/template/value.ts'
import { findType } from '../../src/services/cloudformation/types/index.ts'

const SURROUNDINGS = {
  account: '012345678901',
  region: 'eu-west-1',
  stackId: 'arn:aws:cloudformation:eu-west-1:012345678901:stack/shop/1',
  stackName: 'shop',
  notificationArns: [],
}

type Sections = Readonly<Record<string, unknown>>

const KEY = { Type: 'AWS::KMS::Key' }

function parse(sections: Sections) {
  return parseTemplate(JSON.stringify({ Resources: { Key: KEY }, ...sections }), findType)
}

function bind(sections: Sections, parameters: Readonly<Record<string, string>> = {}) {
  const template = parse(sections)
  const given = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }))
  return bindTemplate(template, acceptParameters(template, given, null), SURROUNDINGS)
}

const WORLD: World = {
  made: new Map([['Key', { physicalId: 'key-1', attributes: { Arn: 'arn:key-1', KeyId: 'key-1' } }]]),
  imports: new Map([['net', 'imported']]),
}

/** What a value comes to, in the description of a key. */
function come(
  value: unknown,
  sections: Sections = {},
  parameters: Readonly<Record<string, string>> = {},
  world = WORLD,
) {
  const Resources = { Key: KEY, It: { ...KEY, Properties: { Description: value } } }
  return resolveProperties(bind({ Resources, ...sections }, parameters), 'It', world).Description
}

const SECTIONS = {
  Parameters: {
    Text: { Type: 'String', Default: 'a,b' },
    List: { Type: 'CommaDelimitedList', Default: 'a, b ,c' },
    Number: { Type: 'Number', Default: 7 },
  },
  Mappings: { Map: { 'eu-west-1': { name: 'west', list: ['x', 'y'] } } },
  Conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'Number' }, 7] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    One: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
  },
}

describe('A function', () => {
  it.each<readonly [unknown, unknown]>([
    [{ Ref: 'Text' }, 'a,b'],
    [{ Ref: 'List' }, ['a', 'b', 'c']],
    [{ Ref: 'Number' }, '7'],
    [{ Ref: 'Key' }, 'key-1'],
    [{ Ref: 'AWS::AccountId' }, '012345678901'],
    [{ Ref: 'AWS::Partition' }, 'aws'],
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    [{ Ref: 'AWS::StackName' }, 'shop'],
    [{ Ref: 'AWS::StackId' }, SURROUNDINGS.stackId],
    [{ Ref: 'AWS::NotificationARNs' }, []],
    [{ Ref: 'AWS::NoValue' }, undefined],
    [
      ['a', { Ref: 'AWS::NoValue' }, 'b'],
      ['a', 'b'],
    ],
    [{ 'Fn::GetAtt': ['Key', 'Arn'] }, 'arn:key-1'],
    [{ 'Fn::GetAtt': 'Key.Arn' }, 'arn:key-1'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Number' }, true]] }, 'a-7-true'],
    [{ 'Fn::Join': ['|', { Ref: 'List' }] }, 'a|b|c'],
    [{ 'Fn::Split': [',', { Ref: 'Text' }] }, ['a', 'b']],
    [{ 'Fn::Select': ['1', { Ref: 'List' }] }, 'b'],
    [{ 'Fn::Select': [{ 'Fn::If': ['No', 0, 2] }, { Ref: 'List' }] }, 'c'],
    [{ 'Fn::Sub': '${Key}/${Key.Arn}/${AWS::Region}/${!Text}/$x' }, 'key-1/arn:key-1/eu-west-1/${Text}/$x'],
    [{ 'Fn::Sub': ['${a}${Text}', { a: { Ref: 'Number' } }] }, '7a,b'],
    [{ 'Fn::Sub': ['${Text}', { Text: 'own' }] }, 'own'],
    [{ 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'name'] }, 'west'],
    [{ 'Fn::FindInMap': ['Map', 'eu-west-1', 'list'] }, ['x', 'y']],
    [{ 'Fn::Base64': 'hi' }, 'aGk='],
    [{ 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    [{ 'Fn::ImportValue': { 'Fn::Sub': 'net' } }, 'imported'],
    [{ 'Fn::If': ['Yes', 1, { 'Fn::ImportValue': 'is not there' }] }, 1],
    [{ 'Fn::If': ['Both', 1, { Ref: 'AWS::NoValue' }] }, undefined],
    [{ 'Fn::If': ['One', { a: { Ref: 'Number' } }, 2] }, { a: '7' }],
    [{ Condition: { Bool: { Ref: 'Text' } } }, { Condition: { Bool: 'a,b' } }],
    [{ Statement: [{ Resource: { 'Fn::GetAtt': ['Key', 'Arn'] } }] }, { Statement: [{ Resource: 'arn:key-1' }] }],
  ])('%j comes to %j', (value, expected) => {
    expect(come(value, SECTIONS)).toEqual(expected)
  })

  it.each([
    [{ Ref: 'Nothing' }, 'Template format error: Unresolved resource dependencies [Nothing] in the Resources block'],
    [{ 'Fn::Sub': '${Nothing}' }, 'Unresolved resource dependencies [Nothing]'],
    [{ 'Fn::Sub': '${aws:username}' }, 'Unresolved resource dependencies [aws:username]'],
    [{ 'Fn::Sub': '${my-key}' }, 'variable names in Fn::Sub syntax must contain only alphanumeric characters'],
    [{ 'Fn::Sub': '${Nothing.Arn}' }, 'instance of Fn::Sub references undefined resource Nothing'],
    [
      { 'Fn::GetAtt': ['Nothing', 'Arn'] },
      'Template error: instance of Fn::GetAtt references undefined resource Nothing',
    ],
    [{ 'Fn::GetAtt': ['Key', 'Name'] }, 'resource Key does not support attribute type Name in Fn::GetAtt'],
    [{ 'Fn::GetAtt': ['Key'] }, 'every Fn::GetAtt object requires two non-empty parameters'],
    [{ 'Fn::Join': ['a', 'b'] }, 'every Fn::Join object requires two parameters'],
    [{ 'Fn::Join': ['', [['a']]] }, 'a String is needed at Resources/It/Properties/Description/Fn::Join, and a list'],
    [{ 'Fn::Select': [5, ['a']] }, 'Fn::Select cannot select nonexistent value at index 5'],
    [{ 'Fn::Select': ['x', ['a']] }, 'Fn::Select requires a list argument with a valid index value'],
    [{ 'Fn::FindInMap': ['Map', 'x', 'name'] }, 'Template error: Unable to get mapping for Map::x::name'],
    [{ 'Fn::FindInMap': ['No', 'x', 'name'] }, "Mapping named 'No' is not present in the 'Mappings' section"],
    [{ 'Fn::ImportValue': 'nothing' }, 'No export named nothing found.'],
    [{ 'Fn::ImportValue': { Ref: 'Key' } }, 'the attribute in Fn::ImportValue must not depend on any resources'],
    [{ 'Fn::If': ['Nothing', 1, 2] }, 'Unresolved condition dependency Nothing in the Resources block'],
    [{ 'Fn::Equals': [1, 1] }, 'Put it in the Conditions block and use Fn::If'],
    [{ 'Fn::Transform': { Name: 'AWS::Include' } }, 'this server has no macros'],
    [{ 'Fn::Cidr': ['10.0.0.0/8', 1, 1] }, 'no resource type of this server has addresses'],
    [{ 'Fn::Length': [1] }, 'needs the template to say Transform: AWS::LanguageExtensions'],
    [{ 'Fn::Nothing': 1 }, 'Fn::Nothing is no intrinsic function'],
    [{ Ref: 'Key', 'Fn::Sub': 'a' }, 'every Fn::Sub object must have one member only'],
    [{ 'Fn::Join': ['', []], a: 1 }, 'every Fn::Join object must have one member only'],
    ['{{resolve:ssm:/a:1}}', 'the dynamic reference at Resources/It/Properties/Description cannot be resolved'],
    [null, "[/Resources/It/Properties/Description] 'null' values are not allowed in templates"],
  ])('%j is refused: %s', (value, message) => {
    expect(() => come(value, SECTIONS)).toThrow(message)
  })

  it('of what is still to be made comes to nothing that is known', () => {
    const nowhere: World = { made: new Map(), imports: new Map() }
    for (const value of [{ Ref: 'Key' }, { 'Fn::Sub': 'a${Key.Arn}' }, { 'Fn::Join': ['', ['a', { Ref: 'Key' }]] }]) {
      expect(come(value, {}, {}, nowhere)).toBe(UNKNOWN)
    }
    expect(come({ a: [{ Ref: 'Key' }, 'b'] }, {}, {}, nowhere)).toEqual({ a: [UNKNOWN, 'b'] })
    expect(come({ 'Fn::Select': [1, [{ Ref: 'Key' }, 'b']] }, {}, {}, nowhere)).toBe('b')
  })

  it('has more functions where the template asks for them', () => {
    const sections = { ...SECTIONS, Transform: 'AWS::LanguageExtensions' }
    expect(come({ 'Fn::Length': { Ref: 'List' } }, sections)).toBe(3)
    expect(come({ 'Fn::ToJsonString': { a: { Ref: 'Number' } } }, sections)).toBe('{"a":"7"}')
    expect(come({ 'Fn::FindInMap': ['Map', 'x', 'y', { DefaultValue: 'z' }] }, sections)).toBe('z')
  })

  it('that doubles what it is given again and again is stopped', () => {
    let value: unknown = 'x'.repeat(100)
    for (let level = 0; level < 20; level += 1) value = { 'Fn::Sub': ['${a}${a}', { a: value }] }
    expect(() => come(value)).toThrow('grow beyond 1048576 characters')
    const list = { Parameters: { Long: { Type: 'String', Default: 'x'.repeat(4000) } } }
    expect(() => come({ 'Fn::Join': ['', Array.from({ length: 1000 }, () => ({ Ref: 'Long' }))] }, list)).toThrow(
      'grow beyond',
    )
  })
})

describe('A template', () => {
  it.each<readonly [Sections, string]>([
    [{ Resources: {} }, 'At least one Resources member must be defined.'],
    [{ Foo: 1 }, 'Invalid template property or properties [Foo]'],
    [{ AWSTemplateFormatVersion: '2011-01-01' }, 'unsupported value for AWSTemplateFormatVersion'],
    [{ Description: 'x'.repeat(1025) }, "'Description' length is greater than 1024."],
    [{ Transform: 'AWS::Serverless-2016-10-31' }, 'Transform [AWS::Serverless-2016-10-31]: this server has no macros'],
    [{ Resources: { 'my-key': KEY } }, 'Resource name my-key is non alphanumeric.'],
    [{ Resources: { Key: {} } }, '[/Resources/Key] Every Resources object must contain a Type member.'],
    [{ Resources: { Key: { ...KEY, Propertys: {} } } }, "Invalid template resource property 'Propertys'"],
    [
      { Resources: { Key: { ...KEY, DependsOn: 'No' } } },
      'Unresolved resource dependencies [No] in the Resources block of the template',
    ],
    [{ Resources: { Key: { ...KEY, Condition: 'No' } } }, 'Unresolved condition dependency No'],
    [{ Resources: { Key: { ...KEY, DeletionPolicy: 'Snapshot' } } }, 'resource Key cannot be kept as a snapshot'],
    [{ Resources: { Key: { ...KEY, DeletionPolicy: 'Keep' } } }, 'Unrecognized DeletionPolicy Keep for resource Key'],
    [
      { Resources: { A: { Type: 'AWS::S3::Bucket' }, B: { Type: 'Custom::X' }, C: { Type: 'AWS::S3::Bucket' } } },
      'Template format error: Unrecognized resource types: [AWS::S3::Bucket, Custom::X] (at Resources/A, Resources/B, Resources/C)',
    ],
    [
      {
        Resources: {
          A: { ...KEY, DependsOn: ['B'] },
          B: { ...KEY, Properties: { Description: { Ref: 'A' } } },
          C: { ...KEY, DependsOn: 'A' },
        },
      },
      'Circular dependency between resources: [A, B]',
    ],
    [{ Resources: { A: { ...KEY, DependsOn: 'A' } } }, 'Circular dependency between resources: [A]'],
    [{ Parameters: { P: {} } }, 'Every Parameters object must contain a Type member.'],
    [{ Parameters: { P: { Type: 'Text' } } }, 'Unrecognized parameter type: Text'],
    [{ Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<List<String>>' } } }, 'this server has no Systems Manager'],
    [{ Parameters: { P: { Type: 'String', Defualt: 1 } } }, "Invalid template parameter property 'Defualt'"],
    [{ Outputs: { O: {} } }, 'Every Outputs member must contain a Value object'],
    [
      { Outputs: { O: { Value: { Ref: 'No' } } } },
      'Unresolved resource dependencies [No] in the Outputs block of the template',
    ],
    [
      { Conditions: { C: { Condition: 'D' }, D: { 'Fn::Not': [{ Condition: 'C' }] } } },
      'Circular dependency between conditions: [C, D]',
    ],
    [
      { Conditions: { C: { 'Fn::Equals': [{ Ref: 'Key' }, 1] } } },
      'Unresolved dependencies [Key]. Cannot reference resources in the Conditions block of the template',
    ],
    [{ Conditions: { C: { 'Fn::Equals': [1] } } }, 'every Fn::Equals object requires a list of 2 string parameters.'],
    [
      { Conditions: { C: { 'Fn::Or': [true] } } },
      'every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.',
    ],
    [{ Conditions: { C: true } }, 'Conditions can only be boolean operations on parameters and other conditions'],
    [{ Conditions: { C: { Ref: 'AWS::Region' } } }, 'Conditions can only be boolean operations'],
    [{ Resources: { 'Fn::ForEach::Keys': [] } }, 'Fn::ForEach::Keys at Resources: this server does not unfold loops.'],
    [{ Resources: { 'Fn::Transform': {} } }, 'Fn::Transform at Resources: this server has no macros.'],
    [{ Mappings: { M: { a: { b: { c: 1 } } } } }, 'Every Mappings attribute must be a String or a List.'],
    [{ Rules: { R: { Assertions: [] } } }, 'Every Rules member must contain a list of Assertions.'],
    [
      { Resources: Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`K${index}`, KEY])) },
      'Number of resources, 501, is greater than maximum allowed, 500',
    ],
  ])('is refused where it is wrong: %#', (sections, message) => {
    expect(() => parse(sections)).toThrow(message)
  })

  it('may use names that all objects have', () => {
    const Resources = { constructor: KEY, toString: { ...KEY, DependsOn: 'constructor' } }
    expect([...bind({ Resources }).resources.keys()]).toEqual(['constructor', 'toString'])
    expect(() => parse({ Resources: { Key: { ...KEY, DependsOn: 'hasOwnProperty' } } })).toThrow('[hasOwnProperty]')
    expect(() => come({ 'Fn::GetAtt': ['Key', 'constructor'] })).toThrow('does not support attribute type constructor')
  })

  it('leaves out what has no condition that holds', () => {
    const Resources = {
      Key: { ...KEY, Condition: 'No' },
      Other: { ...KEY, DependsOn: 'Key' },
      Third: { ...KEY, Properties: { Description: { 'Fn::If': ['No', { Ref: 'Key' }, 'none'] } } },
    }
    const bound = bind({ ...SECTIONS, Resources, Outputs: { O: { Value: { Ref: 'Key' }, Condition: 'No' } } })
    expect([...bound.resources.keys()]).toEqual(['Other', 'Third'])
    expect(resolveOutputs(bound, WORLD)).toEqual([])
    const used = {
      ...SECTIONS,
      Resources: { ...Resources, Fourth: { ...KEY, Properties: { Description: { Ref: 'Key' } } } },
    }
    expect(() => bind(used)).toThrow('Unresolved resource dependencies [Key] in the Resources block')
  })

  it('has a rule that fails in its own words', () => {
    const Rules = {
      R: {
        RuleCondition: { 'Fn::Equals': [{ Ref: 'Number' }, '8'] },
        Assertions: [
          { Assert: { 'Fn::EachMemberIn': [{ Ref: 'List' }, ['a', 'b']] }, AssertDescription: 'Only a and b.' },
        ],
      },
    }
    expect(() => bind({ ...SECTIONS, Rules })).not.toThrow()
    expect(() => bind({ ...SECTIONS, Rules }, { Number: '8' })).toThrow('Rule R failed: Only a and b.')
    expect(() => bind({ ...SECTIONS, Rules }, { Number: '8', List: 'b' })).not.toThrow()
  })

  it('names the exports that it uses, those in branches that are taken', () => {
    const Resources = {
      Key: {
        ...KEY,
        Properties: {
          Description: {
            'Fn::If': ['Yes', { 'Fn::ImportValue': { 'Fn::Sub': '${AWS::Region}-a' } }, { 'Fn::ImportValue': 'b' }],
          },
        },
      },
    }
    expect(bind({ ...SECTIONS, Resources }).imports).toEqual(['eu-west-1-a'])
  })

  it('refuses two outputs of one export name', () => {
    const Outputs = {
      A: { Value: 'a', Export: { Name: 'x' } },
      B: { Value: 'b', Export: { Name: { 'Fn::Sub': 'x' } } },
    }
    expect(() => resolveOutputs(bind({ Outputs }), WORLD)).toThrow('Duplicate Export names: x')
  })
})

describe('A template that a person has written', () => {
  const text = `
AWSTemplateFormatVersion: 2010-09-09
Description: >-
  A key
  for a shop.
Parameters:
  Owner: { Type: String, Default: 012345678901, AllowedPattern: "[0-9]{12}" }
  Rotate: { Type: String, Default: yes, AllowedValues: [yes, no] }
  Actions:
    Type: CommaDelimitedList
    Default: kms:Encrypt, kms:Decrypt
Conditions:
  Rotates: !Equals [!Ref Rotate, true]
  Both: !And
    - !Condition Rotates
    - !Not [!Equals [!Ref "AWS::Region", us-east-1]]
Resources:
  # The key itself.
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    Properties:
      Description: !Sub
        - "\${Shop} in \${AWS::Region}"
        - Shop: !Join [" ", [the, shop]]
      EnableKeyRotation: !If [Both, true, !Ref AWS::NoValue]
      KeyPolicy: {
        "Version": "2012-10-17",
        "Statement": [
          {"Effect": "Allow", "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::\${Owner}:root"}}, "Action": "kms:*", "Resource": "*"}
        ]
      }
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: !Ref Actions
            Resource: !GetAtt Key.Arn
            Condition:
              StringLike: { "kms:ViaService": !Sub "s3.\${AWS::Region}.*" }
              Bool: { "aws:SecureTransport": true }
Outputs:
  Arn:
    Value: !GetAtt [Key, Arn]
    Export: { Name: !Sub "\${AWS::StackName}-arn" }
`
  const template = parseTemplate(text, findType)
  const bound = bindTemplate(template, acceptParameters(template, [], null), SURROUNDINGS)

  it('is read as it is meant', () => {
    expect(template.description).toBe('A key for a shop.')
    expect(template.resources.get('Key')?.deletionPolicy).toBe('Retain')
    expect(resolveProperties(bound, 'Key', WORLD)).toEqual({
      Description: 'the shop in eu-west-1',
      EnableKeyRotation: true,
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::012345678901:root' }, Action: 'kms:*', Resource: '*' },
        ],
      },
    })
    expect(resolveProperties(bound, 'Policy', WORLD).PolicyDocument).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['kms:Encrypt', 'kms:Decrypt'],
          Resource: 'arn:key-1',
          Condition: { StringLike: { 'kms:ViaService': 's3.eu-west-1.*' }, Bool: { 'aws:SecureTransport': true } },
        },
      ],
    })
    expect(resolveOutputs(bound, WORLD)).toEqual([
      { key: 'Arn', value: 'arn:key-1', description: null, exportName: 'shop-arn' },
    ])
  })

  it('is the same in JSON and in YAML', () => {
    const json = synthesized()
    expect(parseTemplate(stringify(JSON.parse(json)), findType)).toEqual(parseTemplate(json, findType))
  })
})

describe('Parameters', () => {
  const accept = (
    declared: Sections,
    given: Parameters<typeof acceptParameters>[1],
    previous: ReadonlyMap<string, string> | null = null,
  ) => acceptParameters(parse({ Parameters: { P: declared } }), given, previous)
  const of = (ParameterValue: string) => [{ ParameterKey: 'P', ParameterValue }]

  it.each<readonly [Sections, string, string]>([
    [{ Type: 'Number' }, 'x', "Parameter 'P' must be a number."],
    [{ Type: 'Number', MinValue: 3 }, '2', "Parameter 'P' must be a number not less than 3"],
    [{ Type: 'Number', MaxValue: 3 }, '4', "Parameter 'P' must be a number not greater than 3"],
    [{ Type: 'List<Number>' }, '1,x', "Parameter 'P' must be a number."],
    [{ Type: 'String', AllowedValues: ['a', true] }, 'b', "Parameter 'P' must be one of AllowedValues: a, true"],
    [{ Type: 'String', MinLength: 2 }, 'a', "Parameter 'P' must contain at least 2 characters"],
    [{ Type: 'String', MaxLength: '2' }, 'abc', "Parameter 'P' must contain at most 2 characters"],
    [{ Type: 'String', AllowedPattern: '[a-z]+' }, 'aB', "Parameter 'P' must match pattern [a-z]+"],
    [
      { Type: 'String', AllowedPattern: '[a-z]+', ConstraintDescription: 'small letters' },
      'B',
      'Parameter P failed to satisfy constraint: small letters',
    ],
    [
      { Type: 'String', AllowedPattern: '(a' },
      'a',
      'AllowedPattern of parameter P is not a valid regular expression: (a',
    ],
    [
      { Type: 'String', AllowedPattern: '(a+)+b' },
      'a'.repeat(60),
      'AllowedPattern of parameter P takes too long to match',
    ],
    [{ Type: 'String' }, 'x'.repeat(4097), "Parameter 'P' must not be longer than 4096 bytes"],
    [
      { Type: 'AWS::SSM::Parameter::Value<String>' },
      '/my/thing',
      'Unable to fetch parameters [/my/thing] from parameter store',
    ],
  ])('take no value that is wrong: %#', (declared, value, message) => {
    expect(() => accept(declared, of(value))).toThrow(message)
  })

  it('are given, kept or default', () => {
    expect(accept({ Type: 'String', Default: 'd' }, [])).toEqual(new Map([['P', 'd']]))
    expect(accept({ Type: 'String', Default: 'd' }, of(''))).toEqual(new Map([['P', '']]))
    const kept = [{ ParameterKey: 'P', UsePreviousValue: true }]
    expect(accept({ Type: 'String', Default: 'd' }, kept, new Map([['P', 'k']]))).toEqual(new Map([['P', 'k']]))
    expect(() => accept({ Type: 'String' }, [])).toThrow('Parameters: [P] must have values')
    expect(() => accept({ Type: 'String' }, [...of('a'), { ParameterKey: 'Q', ParameterValue: 'a' }])).toThrow(
      'Parameters: [Q] do not exist in the template',
    )
    expect(() => accept({ Type: 'String' }, [...of('a'), ...of('b')])).toThrow(
      'Parameters: [P] are given more than once',
    )
    expect(() => accept({ Type: 'String' }, kept)).toThrow(
      'Cannot specify usePreviousValue as true for a parameter key not in the previous template',
    )
  })

  it('may be as many as a template has, each with a pattern', () => {
    const names = Array.from({ length: 200 }, (_, index) => `P${index}`)
    const declared = { Type: 'String', Default: 'a-1', AllowedPattern: '[a-z0-9-]+' }
    const template = parse({ Parameters: Object.fromEntries(names.map((name) => [name, declared])) })
    expect(acceptParameters(template, [], null).size).toBe(200)
  })

  it('are not shown where they must not be', () => {
    const template = parse({ Parameters: { P: { Type: 'String', NoEcho: true, Default: 'secret' } } })
    expect(shownParameters(template, acceptParameters(template, [], null))).toEqual([
      { ParameterKey: 'P', ParameterValue: '****' },
    ])
  })
})

describe('Properties', () => {
  const accept = (type: string, properties: Members) => {
    const found = findType(type)
    if (found === undefined) throw new Error(`There is no type ${type}.`)
    return acceptProperties(found, 'It', properties)
  }

  it('become what their type has', () => {
    expect(accept('AWS::KMS::Key', { EnableKeyRotation: 'true', PendingWindowInDays: '7', Description: 5 })).toEqual({
      EnableKeyRotation: true,
      PendingWindowInDays: 7,
      Description: '5',
    })
    expect(accept('AWS::KMS::Alias', { AliasName: UNKNOWN, TargetKeyId: UNKNOWN })).toEqual({
      AliasName: UNKNOWN,
      TargetKeyId: UNKNOWN,
    })
  })

  it.each<readonly [string, Members, string]>([
    ['AWS::KMS::Alias', {}, '#: required key [AliasName] not found, #: required key [TargetKeyId] not found'],
    ['AWS::KMS::Key', { KeyPolcy: {} }, '#: extraneous key [KeyPolcy] is not permitted'],
    ['AWS::KMS::Key', { constructor: {} }, '#: extraneous key [constructor] is not permitted'],
    ['AWS::KMS::Key', { PendingWindowInDays: 3 }, '#/PendingWindowInDays: 3 is not greater or equal to 7'],
    ['AWS::KMS::Key', { PendingWindowInDays: 'x' }, '#/PendingWindowInDays: expected type: Integer, found: String (x)'],
    ['AWS::KMS::Key', { Enabled: 'maybe' }, '#/Enabled: expected type: Boolean, found: String (maybe)'],
    ['AWS::KMS::Key', { KeySpec: 'AES' }, '#/KeySpec: AES is not a valid enum value'],
    ['AWS::KMS::Key', { Tags: { a: 'b' } }, '#/Tags: expected type: JSONArray, found: JSONObject'],
    ['AWS::KMS::Key', { Tags: [{ Key: 'a' }] }, '#/Tags/0: required key [Value] not found'],
    [
      'AWS::KMS::Alias',
      { AliasName: 'x', TargetKeyId: 'y' },
      '#/AliasName: failed validation constraint for keyword [pattern]',
    ],
    ['AWS::IAM::User', { LoginProfile: {} }, '#/LoginProfile: cannot be used, because this server has no console'],
  ])('of %s: %j is refused: %s', (type, properties, message) => {
    expect(() => accept(type, properties)).toThrow(
      `Properties validation failed for resource It with message:\n[${message}`,
    )
  })
})

describe('What has to be acknowledged', () => {
  const role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } }
  it.each<readonly [Sections, string | null]>([
    [{}, null],
    [{ Resources: { R: role } }, 'CAPABILITY_IAM'],
    [
      { Resources: { R: { ...role, Properties: { ...role.Properties, RoleName: 'x' } }, S: role } },
      'CAPABILITY_NAMED_IAM',
    ],
    [{ Transform: 'AWS::LanguageExtensions' }, 'CAPABILITY_AUTO_EXPAND'],
  ])('of %j is %s', (sections, capability) => {
    const template = parse(sections)
    const { capabilities } = summarizeTemplate(template, findType)
    expect(capabilities).toEqual(capability === null ? [] : [capability])
    expect(() => requireCapabilities(template, findType, capabilities)).not.toThrow()
    if (capability === null) return
    expect(() => requireCapabilities(template, findType, [])).toThrow(`Requires capabilities : [${capability}]`)
  })

  it('is acknowledged by more', () => {
    expect(() =>
      requireCapabilities(parse({ Resources: { R: role } }), findType, ['CAPABILITY_NAMED_IAM']),
    ).not.toThrow()
  })

  it('stands in the summary', () => {
    const summary = summarizeTemplate(
      parse({ ...SECTIONS, Resources: { R: role, K: KEY }, Metadata: { a: null } }),
      findType,
    )
    expect(summary).toMatchObject({
      resourceTypes: ['AWS::IAM::Role', 'AWS::KMS::Key'],
      capabilitiesReason: 'The following resource(s) require capabilities: [AWS::IAM::Role]',
      metadata: '{"a":null}',
    })
    expect(summary.parameters[2]).toEqual({
      ParameterKey: 'Number',
      ParameterType: 'Number',
      NoEcho: false,
      DefaultValue: '7',
      ParameterConstraints: {},
    })
  })
})

describe('A plan', () => {
  const Parameters = { Days: { Type: 'Number', Default: 7 }, Secret: { Type: 'String', Default: 's', NoEcho: true } }
  const resources = (description: Value, primary = 'a', more: Sections = {}) => ({
    Parameters,
    Resources: {
      Key: { ...KEY, Properties: { Description: description, PendingWindowInDays: { Ref: 'Days' } }, ...more },
      Replica: {
        Type: 'AWS::KMS::ReplicaKey',
        Properties: { KeyPolicy: {}, PrimaryKeyArn: `arn:aws:kms:us-east-1:1:key/${primary}` },
        UpdateReplacePolicy: 'Retain',
      },
      Alias: {
        Type: 'AWS::KMS::Alias',
        Properties: { AliasName: 'alias/it', TargetKeyId: { 'Fn::GetAtt': ['Replica', 'KeyId'] } },
      },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Replica', 'Arn'] } } },
  })
  const made = {
    Key: { physicalId: 'k', attributes: { Arn: 'arn:k', KeyId: 'k' } },
    Replica: { physicalId: 'r', attributes: { Arn: 'arn:r', KeyId: 'r' } },
    Alias: { physicalId: 'alias/it', attributes: {} },
  }
  const world: World = { made: new Map(Object.entries(made)), imports: new Map() }
  const before = (sections: Sections): StackBefore => {
    const bound = bind(sections)
    const rows = [...bound.resources.values()].map(({ logicalId, type }) => {
      const facts = findType(type)
      if (facts === undefined) throw new Error(type)
      const properties = acceptProperties(facts, logicalId, resolveProperties(bound, logicalId, world))
      return [logicalId, { type, properties, ...made[logicalId as keyof typeof made] }] as const
    })
    return { bound, tags: [], resources: new Map(rows), outputs: resolveOutputs(bound, world) }
  }
  const plan = (from: Sections, to: Sections, parameters = {}, tags: { Key: string; Value: string }[] = []) =>
    planChanges(before(from), { bound: bind(to, parameters), tags, imports: new Map() }, findType, true)

  it('of the same is nothing', () => {
    expect(plan(resources('a'), resources('a'))).toEqual({ changes: [], hasChanges: false })
    expect(plan(resources('a'), { Description: 'other', ...resources('a') }).hasChanges).toBe(false)
  })

  it('of a new stack is to make all of it', () => {
    const { changes } = planChanges(null, { bound: bind(resources('a')), tags: [], imports: new Map() }, findType)
    expect(changes.map(({ Action, LogicalResourceId }) => `${Action} ${LogicalResourceId}`)).toEqual([
      'Add Alias',
      'Add Key',
      'Add Replica',
    ])
  })

  it('says what is written otherwise, and its values', () => {
    expect(plan(resources('a'), resources('b')).changes).toEqual([
      {
        Action: 'Modify',
        LogicalResourceId: 'Key',
        PhysicalResourceId: 'k',
        ResourceType: 'AWS::KMS::Key',
        Replacement: 'False',
        Scope: ['Properties'],
        Details: [
          {
            Target: {
              Attribute: 'Properties',
              Name: 'Description',
              RequiresRecreation: 'Never',
              Path: '/Properties/Description',
              BeforeValue: 'a',
              AfterValue: 'b',
              AttributeChangeType: 'Modify',
            },
            Evaluation: 'Static',
            ChangeSource: 'DirectModification',
          },
        ],
      },
    ])
  })

  it('says which parameter it is, and shows none that must not be shown', () => {
    const [change] = plan(resources('a'), resources('a'), { Days: '8' }).changes
    expect(
      change?.Details.map(({ Evaluation, ChangeSource, CausingEntity }) => [Evaluation, ChangeSource, CausingEntity]),
    ).toEqual([
      ['Static', 'ParameterReference', 'Days'],
      ['Dynamic', 'DirectModification', undefined],
    ])
    const hidden = plan(resources({ Ref: 'Secret' }), resources({ Ref: 'Secret' }), { Secret: 'other' }).changes
    expect(JSON.stringify(hidden)).not.toContain('other')
    expect(hidden[0]?.Details[0]?.Target).toMatchObject({ BeforeValue: '****', AfterValue: '****' })
  })

  it('says what is made anew, and what may change with it', () => {
    const { changes, hasChanges } = plan(resources('a'), resources('a', 'b'))
    expect(hasChanges).toBe(true)
    expect(changes).toMatchObject([
      {
        LogicalResourceId: 'Alias',
        Replacement: 'False',
        Details: [
          {
            Target: { Name: 'TargetKeyId', AfterValue: '{{changeSet:KNOWN_AFTER_APPLY}}' },
            Evaluation: 'Dynamic',
            ChangeSource: 'ResourceAttribute',
            CausingEntity: 'Replica.KeyId',
          },
        ],
      },
      {
        LogicalResourceId: 'Replica',
        Replacement: 'True',
        PolicyAction: 'ReplaceAndRetain',
        Details: [{ Target: { RequiresRecreation: 'Always' } }],
      },
    ])
  })

  it('says what is taken away, by its policy', () => {
    const to = { Parameters, Resources: { Other: KEY } }
    const actions = plan(resources('a', 'a', { DeletionPolicy: 'Retain' }), to).changes.map(
      ({ Action, PolicyAction, LogicalResourceId }) => [Action, PolicyAction, LogicalResourceId],
    )
    expect(actions).toEqual([
      ['Remove', 'Delete', 'Alias'],
      ['Remove', 'Retain', 'Key'],
      ['Add', undefined, 'Other'],
      ['Remove', 'Delete', 'Replica'],
    ])
  })

  it('counts tags, attributes and outputs', () => {
    const tagged = plan(resources('a'), resources('a'), {}, [{ Key: 'a', Value: 'b' }])
    expect(tagged.changes.map(({ LogicalResourceId, Scope }) => [LogicalResourceId, Scope])).toEqual([
      ['Key', ['Tags']],
      ['Replica', ['Tags']],
    ])
    expect(plan(resources('a'), resources('a', 'a', { DeletionPolicy: 'Retain' })).changes[0]?.Scope).toEqual([
      'DeletionPolicy',
    ])
    expect(plan(resources('a'), resources('a', 'a', { Metadata: { a: 1 } })).changes[0]?.Scope).toEqual(['Metadata'])
    const outputs = { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Replica', 'Arn'] }, Export: { Name: 'x' } } } }
    expect(plan(resources('a'), { ...resources('a'), ...outputs })).toEqual({ changes: [], hasChanges: true })
  })

  it('refuses another type under a name that is there', () => {
    const to = { ...resources('a'), Resources: { ...resources('a').Resources, Key: { Type: 'AWS::IAM::Group' } } }
    expect(() => plan(resources('a'), to)).toThrow('modifies resource type of the following resources: [Key]')
  })

  it('refuses to make anew what has a name of its own', () => {
    const role = findType('AWS::IAM::Role')
    if (role === undefined) throw new Error('There are no roles.')
    const message =
      'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename x and update the stack again.'
    expect(() => requireRenamed(role, { RoleName: 'x' }, { RoleName: 'x', Path: '/a/' })).toThrow(message)
    expect(() => requireRenamed(role, { RoleName: 'x' }, { RoleName: 'y' })).not.toThrow()
    expect(() => requireRenamed(role, {}, { Path: '/a/' })).not.toThrow()
  })
})

describe('Drift', () => {
  it('is what the template says and the resource is not', () => {
    const key = findType('AWS::KMS::Key')
    if (key === undefined) throw new Error('There are no keys.')
    const expected = {
      Description: 'a',
      KeyPolicy: '{"Version":"1"}',
      PendingWindowInDays: 7,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }
    const actual = {
      Description: 'b',
      KeyPolicy: { Version: '1' },
      Enabled: false,
      Tags: [
        { Key: 'b', Value: '2' },
        { Key: 'c', Value: '3' },
      ],
    }
    expect(compareProperties(key, expected, actual)).toEqual([
      { PropertyPath: '/Description', ExpectedValue: 'a', ActualValue: 'b', DifferenceType: 'NOT_EQUAL' },
      {
        PropertyPath: '/Tags/0',
        ExpectedValue: '{"Key":"a","Value":"1"}',
        ActualValue: 'null',
        DifferenceType: 'REMOVE',
      },
      { PropertyPath: '/Tags/1', ExpectedValue: 'null', ActualValue: '{"Key":"c","Value":"3"}', DifferenceType: 'ADD' },
    ])
  })
})

describe('The order of resources', () => {
  it('has each after what it needs, and leaves out circles only', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
      fc.array(fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 3 }), {
        minLength: size,
        maxLength: size,
      }),
    )
    fc.assert(
      fc.property(graph, (edges) => {
        const needs = new Map(edges.map((list, index) => [String(index), new Set(list.map(String))]))
        const order = inOrder(needs)
        for (const [place, name] of order.entries()) {
          for (const each of needs.get(name) ?? []) expect(order.slice(0, place)).toContain(each)
        }
        const cycle = findCycle(needs)
        expect(cycle === null).toBe(order.length === needs.size)
        // Each of a circle needs one of it, and is needed by one of it.
        for (const name of cycle ?? []) {
          expect(cycle?.some((each) => needs.get(name)?.has(each))).toBe(true)
          expect(cycle?.some((each) => needs.get(each)?.has(name))).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
