import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nameOf, pageFiles } from './pages.ts'

const files = await pageFiles()
const INDEX = 'docs/guide/README.md'

/** The links of a page to what is in the clone. */
function linksOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^```.*?^```/gms, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => (/^https?:/.test(link) ? [] : [link]))
}

/** The places in a page that a link can name, as forges make them from its headings. */
function anchorsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('The links of the guide', () => {
  it.each(files.map((file) => [nameOf(file), file]))('%s leads to what there is', (_name, file) => {
    const broken = linksOf(file).filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      if (!existsSync(target)) return true
      return anchor !== undefined && statSync(target).isFile() && !anchorsOf(target).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  it('lead to every page from the index', () => {
    const index = files.find((file) => nameOf(file) === INDEX) ?? ''
    const pages = files.map(nameOf).filter((name) => name !== INDEX && name !== 'README.md')
    expect(pages.filter((name) => !linksOf(index).includes(name.replace('docs/guide/', '')))).toEqual([])
  })
})
