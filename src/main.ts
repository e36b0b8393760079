#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { endWithReader, runProgram } from './cli/program.ts'

/** The manifest of the clone, or of the package, is one floor up. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

async function main(): Promise<void> {
  process.stdout.on('error', (error) => endWithReader(error, process.argv))
  process.exitCode = await runProgram(process.argv, version)
}

void main()
