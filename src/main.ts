#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runProgram } from './cli/program.ts'

/** The manifest of the clone, or of the package, is one floor up. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

async function main(): Promise<void> {
  process.exitCode = await runProgram(process.argv, version)
}

void main()
