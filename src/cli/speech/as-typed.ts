/** A command of Keyspan's, as texts name it. */
const COMMAND =
  /(?<![\w/.-])keyspan (?=(?:account|alarms|audit|backup|clock|completion|console|env|explain|health|help|key|keyring|mrk|policy|region|restore|seed|serve|storage|unseal|user|who-can|--help)\b)/g

/** How a person starts Keyspan who has it on no path: through npx, or through the scripts of a clone. */
function prefixOf({ npm_lifecycle_event: event, npm_lifecycle_script: script = '' }: NodeJS.ProcessEnv): string {
  if (event === 'npx' && /^['"]?keyspan\b/.test(script)) return 'npx keyspan'
  return script.startsWith('node src/main.ts') ? 'npm run -s keyspan --' : 'keyspan'
}

/** A text whose commands can be typed as they stand, by whoever has started this one. */
export function asTyped(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  return text.replaceAll(COMMAND, `${prefixOf(environment)} `)
}
