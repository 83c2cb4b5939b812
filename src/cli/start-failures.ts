// What ends the start of the program before it serves: each reason with the lines of the log that
// Redis writes for it, and exit code 1.

import type { LoadedDirectives } from '../config/load.ts';
import { LoadError } from '../persistence/index.ts';
import { AclStartError } from '../server/declared-users.ts';
import { isListening, listenSettings } from '../server/listen-options.ts';
import { ListenError, type ListenSettings } from '../server/listeners.ts';
import type { Server } from '../server/server.ts';
import { TlsConfigError } from '../server/tls-options.ts';
import { fitMaxClients } from './open-files.ts';

function end(server: Server, ...lines: readonly string[]): never {
  for (const line of lines) server.log('warning', line);
  process.exit(1);
}

/** Modules are native libraries for another process: a line that asks for one ends the start. */
export function refuseModules(server: Server, { modules, moduleOptions }: LoadedDirectives): void {
  const [first] = modules;
  if (first !== undefined) {
    end(
      server,
      `Module ${first.path} failed to load: this server has no modules`,
      `Can't load module from ${first.path}: server aborting`,
    );
  }
  if (moduleOptions.size === 0) return;
  end(
    server,
    'Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting',
  );
}

/** Clients need open files, of which the system may allow too few for any. */
export function fitClients(server: Server): void {
  const refusal = fitMaxClients(server);
  if (refusal !== null) end(server, refusal);
}

/** What to listen on; nothing at all ends the start. @throws TlsConfigError */
export function settingsToListen(server: Server): ListenSettings {
  const settings = listenSettings(server.config);
  if (!isListening(settings)) end(server, 'Configured to not listen anywhere, exiting.');
  return settings;
}

/** Says why the server cannot start and leaves. @throws what is no reason of that kind */
export function endForFailure(server: Server, error: unknown): never {
  if (error instanceof TlsConfigError) {
    end(server, error.message, 'Failed to configure TLS. Check logs for more info.');
  }
  if (error instanceof AclStartError || error instanceof LoadError) process.exit(1);
  if (!(error instanceof ListenError)) throw error;
  if (error.kind === 'unix') end(server, error.report);
  const last = `Failed listening on port ${error.port} (${error.kind}), aborting.`;
  return end(server, `Warning: ${error.report}`, last);
}
