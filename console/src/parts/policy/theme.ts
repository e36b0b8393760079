import { HighlightStyle } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** The colours are the page's, light and dark: its variables reach into the editor. */
export const theme = EditorView.theme({
  '&': {
    backgroundColor: 'var(--editor-back)',
    color: 'var(--editor-text)',
    border: '1px solid var(--editor-border)',
    borderRadius: '8px',
    fontSize: '14px',
  },
  '&.cm-focused': { outline: '2px solid var(--editor-focus)', outlineOffset: '1px' },
  '.cm-scroller': {
    fontFamily: 'Monaco, Menlo, Consolas, monospace',
    lineHeight: '22px',
    maxHeight: '60vh',
    overflow: 'auto',
  },
  '.cm-content': { caretColor: 'var(--editor-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--editor-text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--editor-back)',
    color: 'var(--editor-faint)',
    borderRight: '1px solid var(--editor-border)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--editor-line)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--editor-selection) !important',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--editor-back)',
    color: 'var(--editor-text)',
    border: '1px solid var(--editor-border)',
    borderRadius: '8px',
    maxWidth: 'min(560px, 90vw)',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--editor-focus)',
    color: 'var(--editor-back)',
  },
  // The images of the linter are in its styles, and the page loads from its server only.
  '.cm-lintRange': { backgroundImage: 'none !important', textDecorationLine: 'underline', textDecorationStyle: 'wavy' },
  '.cm-lintRange-error': { textDecorationColor: 'var(--editor-error)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--editor-warning)' },
  '.cm-lintRange-info': { textDecorationColor: 'var(--editor-focus)' },
})

export const highlighting = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--editor-name)' },
  { tag: tags.string, color: 'var(--editor-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--editor-value)' },
])
