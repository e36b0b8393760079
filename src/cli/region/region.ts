import { Command } from 'commander'
import { drillCommands } from './drill.ts'
import { distrustCommand, trustCommand } from './trust.ts'
import { forgetCommand, recoverCommand } from './forget.ts'
import { homeCommand } from './home.ts'
import { identityCommand } from './identity.ts'
import { joinCommand } from './join.ts'

/** `keyspan region ...`: Regions in different places, and drills. */
export function regionCommand(): Command {
  const region = new Command('region').description(
    'Shows how Regions are to each other; joins them across places; says that one is lost or was put back; in development mode, takes them apart for a drill.',
  )
  const [status, ...drill] = drillCommands()
  const joining = [identityCommand(), joinCommand(), trustCommand(), distrustCommand(), homeCommand()]
  const losing = [forgetCommand(), recoverCommand()]
  for (const command of [status, ...joining, ...losing, ...drill]) if (command !== undefined) region.addCommand(command)
  return region
}
