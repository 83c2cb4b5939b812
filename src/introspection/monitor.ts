// MONITOR: shows a client every command that the server runs, when it has run, with the moment, the
// database and who sent it. What is for administrators alone is not shown, and secrets are blacked
// out. The engine's `feed` is set only while somebody looks.
// https://redis.io/docs/latest/commands/monitor/

import { quoteWord } from '../config/words.ts';
import type { Call } from '../engine/call.ts';
import { type Client, MODE_MONITOR } from '../engine/client.ts';
import { type Command, FLAG_ADMIN, FLAG_SKIP_MONITOR } from '../engine/command.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { CommandFeed } from '../engine/engine.ts';
import type { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { ServerContext } from './server-context.ts';
import { REDACTED, secretArguments } from './slowlog/redaction.ts';

const NOT_ALLOWED = replyError("ERR MONITOR isn't allowed for DENY BLOCKING client");
const HIDDEN = FLAG_ADMIN | FLAG_SKIP_MONITOR;
const USEC_PER_SECOND = 1_000_000;
const USEC_DIGITS = 6;

/** Where a client is, as the lines show it. */
function addressOf({ transport, runsScripts }: Client): string {
  if (runsScripts) return 'lua';
  const { remoteAddress, isUnix } = transport;
  return isUnix ? `unix:${remoteAddress.slice(0, remoteAddress.lastIndexOf(':'))}` : remoteAddress;
}

class Monitors implements CommandFeed {
  readonly #context: ServerContext;
  readonly #clients: Set<Client> = new Set();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  add(call: Call): void {
    const { client, engine, reply } = call;
    if (!call.mayBlock) {
      reply.error(NOT_ALLOWED);
      return;
    }
    // It has been told already; a second reply would be taken for a line.
    if ((client.modes & MODE_MONITOR) !== 0) return;
    client.modes |= MODE_MONITOR;
    this.#clients.add(client);
    engine.feed = this;
    if (!engine.releases.includes(this.#release)) engine.releases.push(this.#release);
    reply.ok();
  }

  readonly #release = (client: Client): void => {
    client.modes &= ~MODE_MONITOR;
    if (this.#clients.delete(client) && this.#clients.size === 0) this.#context.engine.feed = null;
  };

  onRan(client: Client, command: Command, args: Args): void {
    if ((command.mask & HIDDEN) === 0) this.#show(client, command, args);
  }

  onBegins(client: Client, args: Args): void {
    const command = client.lastCommand;
    if (command !== null) this.#show(client, command, args);
  }

  #show(client: Client, command: Command, args: Args): void {
    const { engine } = this.#context;
    if (engine.isLoading) return;
    const line = Buffer.from(this.#line(client, command, args), 'latin1');
    for (const monitor of this.#clients) {
      if (monitor.replyMode === 'on' || monitor.replyMode === 'skip-next') {
        engine.push(monitor, line);
      }
    }
  }

  #line(client: Client, command: Command, args: Args): string {
    const usec = this.#context.clock.nowUsec();
    const seconds = Math.floor(usec / USEC_PER_SECOND);
    const fraction = String(usec % USEC_PER_SECOND).padStart(USEC_DIGITS, '0');
    const secrets = secretArguments(command, args, this.#context.config);
    let line = `+${seconds}.${fraction} [${client.db.id} ${addressOf(client)}]`;
    for (let i = 0; i < args.count; i++) {
      line += ` ${quoteWord(secrets.includes(i) ? REDACTED : args.latin1(i))}`;
    }
    return `${line}\r\n`;
  }
}

/** MONITOR */
export function monitorCommand(context: ServerContext): CommandSpec {
  const monitors = new Monitors(context);
  return {
    name: 'monitor',
    group: 'server',
    since: '1.0.0',
    summary: 'Shows every command that the server runs.',
    complexity: '',
    arity: 1,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    run: (call) => monitors.add(call),
  };
}
