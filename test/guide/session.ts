import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { freePort } from '../free-port.ts'
import { MAIN } from '../program/program.ts'
import type { Page } from './page.ts'
import { createSteady, shorten } from './steady.ts'

const ROOT = new URL('../..', import.meta.url).pathname
/** What a clone has, for whoever stands in it. */
const CLONE = ['bin', 'docs', 'examples', 'node_modules', 'package.json', 'src']
/** The address of pages; that of a session has a port of its own. */
const ADDRESS = '127.0.0.1:7700'
/** The port of metrics in pages; that of a session is another. */
const METRICS_PORT = '7790'
const LIMIT_MS = 180_000
/** Stands between the outputs of commands. */
const END = '\u001e'

/** What the commands of a page have printed. */
export interface Run {
  /** The outputs, made the same in every run, and shortened where the page shortens them. */
  readonly outputs: readonly string[]
  /** What went wrong without being shown. */
  readonly faults: readonly string[]
}

/** Runs the commands of a page, one after the other, in a shell and an empty home of their own. */
export async function runPage(page: Page): Promise<Run> {
  const path = await mkdtemp(join(tmpdir(), 'guide-'))
  const home = join(path, 'home')
  const bin = join(path, 'bin')
  await mkdir(bin)
  await symlink(MAIN, join(bin, 'keyspan'))
  await mkdir(join(home, 'node_modules', '.bin'), { recursive: true })
  if (page.isInClone) {
    await rm(join(home, 'node_modules'), { recursive: true })
    await Promise.all(CLONE.map((name) => symlink(join(ROOT, name), join(home, name))))
  } else await symlink(MAIN, join(home, 'node_modules', '.bin', 'keyspan'))
  const port = await freePort()
  const metricsPort = String(await freePort())
  const address = ADDRESS.replace(/\d+$/, String(port))
  const start = Date.now()
  try {
    const here = (text: string) => text.replaceAll(ADDRESS, address).replaceAll(METRICS_PORT, metricsPort)
    const script = page.commands.map(({ text }, n) => scriptOf(here(text), n, path)).join('')
    await writeFile(join(path, 'script'), `exec 2>&1\n${script}`)
    const said = await runScript(join(path, 'script'), home, {
      PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: home,
      KEYSPAN_PORT: String(port),
      LANG: 'C.UTF-8',
      TZ: 'UTC',
    })
    const names = {
      [address]: ADDRESS,
      [`port ${port}`]: 'port 7700',
      [metricsPort]: METRICS_PORT,
      [home]: '/home/ada',
    }
    const steady = createSteady(start, names)
    return readRun(page, said, (text) => steady.text(text))
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/** What the shell does for a command; a server that would hold it up goes on in the background once it is ready. */
function scriptOf(command: string, number: number, path: string): string {
  const quoted = `'${command.replaceAll("'", String.raw`'\''`)}'`
  const log = join(path, `server-${number}`)
  const isServer = /^(?:(?:npx )?keyspan serve|npm start)\b[^&\n]*\n?$/.test(command)
  const run = isServer
    ? `: >${log}; eval exec ${quoted} >${log} 2>&1 </dev/null & SERVER=$!
until tail -n 1 ${log} | grep -q '^$' && grep -q 'is ready' ${log}; do kill -0 $SERVER 2>/dev/null || break; sleep 0.05; done
cat ${log}; grep -q 'is ready' ${log}`
    : `eval ${quoted} </dev/null`
  return `${run}\nprintf '${END}%d${END}' $?\n`
}

async function runScript(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  // A group of its own: all that it leaves behind ends with it.
  const shell = spawn('bash', [script], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const end = () => {
    try {
      process.kill(-(shell.pid ?? 0), 'SIGKILL')
    } catch {
      // Nothing of it is left.
    }
  }
  const limit = setTimeout(end, LIMIT_MS)
  shell.on('exit', end)
  let said = ''
  shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await once(shell, 'close')
  clearTimeout(limit)
  return said
}

function readRun({ commands }: Page, said: string, steady: (text: string) => string): Run {
  const parts = said.split(END)
  const faults: string[] = []
  const outputs = commands.map(({ text, output }, n) => {
    const [printed = '', code] = [parts[2 * n], parts[2 * n + 1]]
    const shown = output === null ? '' : steady(shorten(printed.replace(/^\n+/, '').trimEnd(), output))
    if (code === undefined) faults.push(`It did not end, or was not reached: ${text.trim()}\n${printed}`)
    else if (code !== '0' && shown === '') faults.push(`It failed with ${code}: ${text.trim()}\n${printed}`)
    return shown
  })
  return { outputs, faults }
}
