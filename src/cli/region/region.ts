import { Command } from 'commander'
import { distrustCommand, trustCommand } from './trust.ts'
import { identityCommand } from './identity.ts'
import { joinCommand } from './join.ts'
import { statusCommand } from './status.ts'

/** `keyspan region ...`: Regions in different places. */
export function regionCommand(): Command {
  return new Command('region')
    .description('Lets servers in different places serve the Regions of one deployment.')
    .addCommand(identityCommand())
    .addCommand(joinCommand())
    .addCommand(trustCommand())
    .addCommand(distrustCommand())
    .addCommand(statusCommand())
}
