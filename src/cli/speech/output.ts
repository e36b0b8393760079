import { Option } from 'commander'
import { styleText } from 'node:util'
import { asTyped } from './as-typed.ts'

/** How an answer is written: for people, or for programs. */
export const OUTPUTS = ['text', 'json'] as const

/** One of these ways. */
export type Output = (typeof OUTPUTS)[number]

/** `--output`, which every command takes. */
export function outputOption(meaning = 'for people, or one JSON document'): Option {
  return new Option('--output <format>', meaning).choices(OUTPUTS).default('text')
}

/** Prints an answer: the text for people, or what programs read. */
export function answer(output: Output, text: string, data: unknown): void {
  process.stdout.write(output === 'json' ? `${JSON.stringify(data, null, 2)}\n` : asTyped(text))
}

/** Text in a colour where somebody looks at standard output in a terminal, and has not set NO_COLOR. */
export function inColor(color: 'green' | 'red' | 'yellow', text: string): string {
  return styleText(color, text, { stream: process.stdout })
}
