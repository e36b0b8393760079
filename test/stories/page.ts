import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'

const PAGE = new URL('../../docs/guide/access.md', import.meta.url)
const UPDATE = process.env['KEYSPAN_UPDATE_GOLDEN'] === '1'

/**
 * Holds an explanation to the page that shows it, or writes it there where `KEYSPAN_UPDATE_GOLDEN` is 1: then let vitest run
 * one file at a time. What differs
 * from run to run, ids and times, is the same in every text.
 */
export async function holdToPage(name: string, text: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  const heading = `\n### ${name[0]?.toUpperCase()}${name.slice(1)}\n`
  const start = page.indexOf(heading)
  if (start === -1) throw new Error(`${PAGE.pathname} has no heading "${heading.trim()}".`)
  const fence = '```\n'
  const from = page.indexOf(fence, start) + fence.length
  const to = page.indexOf(fence, from)
  const shown = `${steady(text)}\n`
  if (UPDATE) await writeFile(PAGE, page.slice(0, from) + shown + page.slice(to))
  else expect(page.slice(from, to)).toBe(shown)
}

/** A text without what chance and the clock put into it. */
function steady(text: string): string {
  const named = text.replaceAll(/user-[0-9a-f-]{36}/g, 'ada')
  const forms: readonly (readonly [RegExp, (n: number) => string])[] = [
    [/mrk-[0-9a-f]{32}/g, (n) => `mrk-${n}234abcd12ab34cd56ef1234567890ab`],
    [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (n) => `${n}234abcd-12ab-34cd-56ef-1234567890ab`],
    [/(?<=[Gg]rant )[0-9a-f]{12}/g, (n) => `${n}c237476b39f`],
    [/AROA[A-Z0-9]{17}/g, (n) => `AROAEXAMPLE${n}`],
    [/p-[0-9a-z]{8,}/g, (n) => `p-examplepolicy${n}`],
    [/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, () => '2026-11-25 12:00 UTC'],
  ]
  return forms.reduce((shown, [form, make]) => {
    const found = [...new Set(shown.match(form))]
    return shown.replaceAll(form, (each) => make(found.indexOf(each) + 1))
  }, named)
}
