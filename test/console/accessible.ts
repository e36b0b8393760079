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

/** Requires that axe finds nothing serious on a page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // By the debugger's way in: the page's own policy lets no script but its own run.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source)
  // On a phone the colours are those of every screen, and to look at them takes longest.
  const isPhone = (page.viewportSize()?.width ?? 0) < 600
  const rules = { 'color-contrast': { enabled: !isPhone } }
  const violations = await page.evaluate(
    async (options) => {
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
      return (await axe.run(options)).violations
    },
    { rules },
  )
  const serious = violations.filter(
    ({ id, impact, nodes }) =>
      (impact === 'serious' || impact === 'critical') && !nodes.every(({ html }) => isOfDesignSystem(id, html)),
  )
  expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([])
}
