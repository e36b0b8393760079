/** The shells whose language is spoken here. */
export const SHELLS = ['sh', 'fish', 'powershell', 'cmd'] as const

/** One of them. */
export type Shell = (typeof SHELLS)[number]

interface Language {
  set(name: string, value: string): string
  unset(name: string): string
}

const PLAIN = /^[\w./:@%+=,-]+$/

const LANGUAGES: Readonly<Record<Shell, Language>> = {
  sh: {
    set: (name, value) =>
      `export ${name}=${PLAIN.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`}`,
    unset: (name) => `unset ${name}`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`,
    unset: (name) => `set -e ${name}`,
  },
  powershell: {
    // It takes typographic quotation marks for its own.
    set: (name, value) => `$Env:${name} = '${value.replaceAll(/['‘’‚‛]/g, '$&$&')}'`,
    unset: (name) => `Remove-Item Env:${name}`,
  },
  cmd: {
    set: (name, value) => `set "${name}=${forCmd(value)}"`,
    unset: (name) => `set "${name}="`,
  },
}

function forCmd(value: string): string {
  if (!/["%\r\n]/.test(value)) return value
  throw new Error(`cmd cannot be given ${value}: it has no way to write it. Use --shell powershell, or another --data.`)
}

/** The shell that a person has who has not said which: that of the system. */
export function usualShell(platform: NodeJS.Platform): Shell {
  return platform === 'win32' ? 'powershell' : 'sh'
}

/** The lines that set variables, and take others away, in a shell's own language. */
export function shellLines(
  shell: Shell,
  set: Readonly<Record<string, string>>,
  unset: readonly string[],
): readonly string[] {
  const language = LANGUAGES[shell]
  return [
    ...Object.entries(set).map(([name, value]) => language.set(name, value)),
    ...unset.map((name) => language.unset(name)),
  ]
}
