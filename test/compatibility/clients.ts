import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The client of every test that names no other. */
export const JAVASCRIPT = 'AWS SDK for JavaScript'

/**
 * How each client's version is found. The outermost `describe` of a test in test/clients that drives another client
 * than AWS's for JavaScript begins with its name here, and a colon.
 */
export const CLIENTS: Readonly<Record<string, () => string>> = {
  'AWS CLI': () => said('aws', ['--version'], /aws-cli\/(\S+)/),
  boto3: () => said('python3', ['-c', 'import boto3; print(boto3.__version__)'], /(\S+)/),
  [JAVASCRIPT]: () => dependency('@aws-sdk/client-kms'),
  'AWS Encryption SDK for JavaScript': () => dependency('@aws-crypto/client-node'),
  Terraform: () => `${said('terraform', ['version'], /v(\S+)/)}, provider aws ${terraformProvider()}`,
  CDK: () => said(`${process.env['KEYSPAN_CDK'] ?? ''}/node_modules/.bin/cdk`, ['--version'], /(\S+)/),
  Ansible: () => {
    const collection = said('ansible-galaxy', ['collection', 'list', 'amazon.aws'], /amazon\.aws\s+(\S+)/)
    return `${said('ansible', ['--version'], /core (\S+?)\]/)}, collection amazon.aws ${collection}`
  },
}

function said(tool: string, args: readonly string[], pattern: RegExp): string {
  const found = pattern.exec(execFileSync(tool, args, { encoding: 'utf8' }))?.[1]
  if (found === undefined) throw new Error(`${tool} ${args.join(' ')} does not say its version.`)
  return found
}

function dependency(name: string): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { devDependencies: Record<string, string> }).devDependencies[name] ?? ''
}

function terraformProvider(): string {
  const mirror = process.env['KEYSPAN_TERRAFORM_MIRROR'] ?? ''
  return readdirSync(`${mirror}/registry.terraform.io/hashicorp/aws`).join(', ')
}
