import { z } from 'zod'
import { CommandError } from '../command-error.ts'
import type { ControlPowers } from '../control.ts'
import { introductionFingerprint, introductionText, readIntroduction } from './introduction.ts'

const introductionRequest = z.object({
  text: z.string().max(200_000),
  fingerprint: z.string().max(200),
  replace: z.boolean().default(false),
})
const regionRequest = z.object({ region: z.string() })

/** What commands can ask about servers in other places. */
type PeerCommand = '/region/identity' | '/region/trust' | '/region/distrust' | '/region/home'

/** Does what a command asks about servers in other places. */
export async function obeyOfPeers(
  path: PeerCommand,
  body: unknown,
  { peers }: Pick<ControlPowers, 'peers'>,
): Promise<object> {
  if (peers === null) {
    throw new CommandError('This server has no peers. Start it with --regions and --peer-port: others reach it there.')
  }
  switch (path) {
    case '/region/identity': {
      const introduction = await peers.introduce()
      return { text: introductionText(introduction), fingerprint: introductionFingerprint(introduction) }
    }
    case '/region/trust': {
      const { text, fingerprint, replace } = introductionRequest.parse(body)
      const introduction = readIntroduction(text, fingerprint)
      await peers.trust(introduction, replace)
      return { trusted: introduction.regions.map(({ region }) => region) }
    }
    case '/region/distrust': {
      const { region } = regionRequest.parse(body)
      if (await peers.distrust(region)) return { distrusted: region }
      throw new CommandError(`No Region ${region} of another server is trusted here.`)
    }
    case '/region/home': {
      const { region } = regionRequest.parse(body)
      await peers.place.give(region)
      return { home: region, epoch: peers.place.seat().epoch }
    }
  }
}
