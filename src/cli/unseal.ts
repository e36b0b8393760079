import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from './control-client.ts'
import { dataOf, withSettings } from './options.ts'
import { askNewPassphrase, askPassphrase } from './passphrase.ts'
import { withManual } from './speech/manual.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

const sealed = z.object({ isSealed: z.boolean(), isNew: z.boolean(), kind: z.string().default('passphrase') })
const done = z.object({ text: z.string() })

/** `keyspan unseal` */
export function unsealCommand(): Command {
  const unseal = withSettings(new Command('unseal'), ['data', 'config'])
    .description('Gives a sealed server the passphrase of its root key, or the PIN of its HSM.')
    .addOption(outputOption())
    .action(async ({ output }: { output: Output }, command: Command) => {
      const data = dataOf(command)
      const { isSealed, isNew, kind } = sealed.parse(await askRunningServer(data, '/sealed', {}))
      if (!isSealed) return answer(output, 'The server is not sealed.\n', { sealed: false })
      const passphrase = isNew
        ? await askNewPassphrase()
        : await askPassphrase(kind === 'pkcs11' ? 'PIN: ' : 'Passphrase: ')
      try {
        const { text } = done.parse(await askRunningServer(data, '/unseal', passphrase))
        answer(output, `${text}\n`, { sealed: false })
      } finally {
        passphrase.fill(0)
      }
    })
  return withManual(unseal, {
    more: [
      'The passphrase is typed, and nothing of it is shown; or it comes from standard input. A server whose data is new ' +
        'takes it as its passphrase from now on: a terminal asks for it twice. Where the root key is in an HSM, it is its PIN: ' +
        'a token is locked after a few wrong ones.',
      'Each try takes half a second, so that nobody can guess fast. It goes over a socket in the data directory, which ' +
        'only the user of the server may enter.',
    ],
    examples: [
      ['keyspan unseal', 'Asks for the passphrase.'],
      ['keyspan unseal <passphrase', 'Takes it from standard input, as a password manager gives it.'],
    ],
  })
}
