import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What the design system does by itself, and screen readers pass over: its toolbar says in which direction it goes. */
function isOfDesignSystem(id: string, html: string): boolean {
  return id === 'aria-allowed-attr' && /^<nav [^>]*mobile-toolbar-nav/.test(html)
}

/** What of axe is used in a page; the rules stand there with the impact that each has. */
interface Axe {
  readonly _audit: { readonly rules: readonly { readonly id: string; readonly impact: string }[] }
  run(options: object): Promise<{ violations: Violation[] }>
}

/** Requires that axe finds nothing serious on a page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // By the debugger's way in: the page's own policy lets no script but its own run.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source)
  // On a phone the colours are those of every screen, and to look at them takes longest.
  const isPhone = (page.viewportSize()?.width ?? 0) < 600
  const violations = await page.evaluate(
    async (skipped) => {
      const { axe } = globalThis as unknown as { axe: Axe }
      const light = axe._audit.rules.filter(({ impact }) => impact === 'minor' || impact === 'moderate')
      const off = [...light.map(({ id }) => id), ...skipped].map((id) => [id, { enabled: false }] as const)
      const { violations: found } = await axe.run({ rules: Object.fromEntries(off), resultTypes: ['violations'] })
      return found
    },
    isPhone ? ['color-contrast'] : [],
  )
  const serious = violations.filter(
    ({ id, impact, nodes }) =>
      (impact === 'serious' || impact === 'critical') && !nodes.every(({ html }) => isOfDesignSystem(id, html)),
  )
  expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([])
}
