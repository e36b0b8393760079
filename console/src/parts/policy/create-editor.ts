import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { linter, lintKeymap, type Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import type { PolicyFinding } from '../../api/access-analyzer.ts'
import { completePolicy } from './completions.ts'
import { highlighting, theme } from './theme.ts'

/** How long a text must stand before it is checked, in milliseconds. */
const CHECK_AFTER_MS = 400

const SEVERITIES = { ERROR: 'error', SECURITY_WARNING: 'warning', WARNING: 'warning', SUGGESTION: 'info' } as const

/** What an editor is told, and tells. */
export interface EditorOptions {
  readonly parent: HTMLElement
  readonly text: string
  /** Its name, for those who do not see it. */
  readonly label: string
  readonly onChange: (text: string) => void
  /** Looks a text through. What it answers is shown at its place. */
  readonly check: (text: string) => Promise<readonly PolicyFinding[]>
}

/**
 * Makes an editor of policies. Tab leaves it, as any field.
 *
 * It stands in a shadow tree: there its styles are adopted, and the page's own policy lets no element with styles.
 */
export function createEditor({ parent, text, label, onChange, check }: EditorOptions): EditorView {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' })
  return new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        indentOnInput(),
        json(),
        syntaxHighlighting(highlighting),
        autocompletion({ override: [completePolicy], icons: false }),
        linter(async (view) => (await check(view.state.doc.toString())).flatMap((finding) => at(finding, view.state)), {
          delay: CHECK_AFTER_MS,
        }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString())
        }),
        theme,
      ],
    }),
  })
}

/** Goes to a place of the text. */
export function goToOffset(view: EditorView, offset: number): void {
  const anchor = Math.min(offset, view.state.doc.length)
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
  view.focus()
}

function at({ findingType, findingDetails, locations }: PolicyFinding, { doc }: EditorState): readonly Diagnostic[] {
  return locations.map(({ span: { start, end } }) => ({
    from: Math.min(start.offset, doc.length),
    to: Math.min(Math.max(end.offset, start.offset), doc.length),
    severity: SEVERITIES[findingType],
    message: findingDetails,
  }))
}
