// CLIENT, the container of the commands about connections.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { clientHelp } from './client-help.ts';
import {
  clientGetname,
  clientId,
  clientInfo,
  clientSetinfo,
  clientSetname,
} from './client-identity.ts';
import { clientKill } from './client-kill.ts';
import { clientList } from './client-list.ts';
import { clientPause, clientUnpause } from './client-pause.ts';
import { clientNoEvict, clientNoTouch, clientReply } from './client-switches.ts';
import { clientUnblock } from './client-unblock.ts';

export const client: CommandSpec = {
  name: 'client',
  group: 'connection',
  since: '2.4.0',
  summary: 'Container of the commands about client connections.',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    clientGetname,
    clientHelp,
    clientId,
    clientInfo,
    clientKill,
    clientList,
    clientNoEvict,
    clientNoTouch,
    clientPause,
    clientReply,
    clientSetinfo,
    clientSetname,
    clientUnblock,
    clientUnpause,
  ],
};
