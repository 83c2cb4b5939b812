// Looks at every command after it ran: what was too slow goes to the slow log and to the latency
// monitor. The usual command costs two comparisons here.

import type { CommandObserver } from '../engine/call-timer.ts';
import type { Client } from '../engine/client.ts';
import { type Command, FLAG_FAST, FLAG_SKIP_SLOWLOG } from '../engine/command.ts';
import type { Args } from '../protocol/args.ts';
import type { ServerContext } from './server-context.ts';
import { secretArguments } from './slowlog/redaction.ts';

const USEC_PER_MS = 1000;

class CommandRecorder implements CommandObserver {
  readonly #context: ServerContext;
  fromUsec: number = Number.POSITIVE_INFINITY;
  /** Infinity when nothing is to be recorded. */
  #slowlogUsec = Number.POSITIVE_INFINITY;
  #latencyUsec = Number.POSITIVE_INFINITY;

  constructor(context: ServerContext) {
    this.#context = context;
    const { slowLog, latency } = context.statistics;
    const names = [
      'slowlog-log-slower-than',
      'slowlog-max-len',
      'latency-monitor-threshold',
    ] as const;
    context.config.follow(names, (values) => {
      const slowlogUsec = values['slowlog-log-slower-than'];
      const latencyMs = values['latency-monitor-threshold'];
      this.#slowlogUsec = slowlogUsec < 0 ? Number.POSITIVE_INFINITY : slowlogUsec;
      this.#latencyUsec = latencyMs === 0 ? Number.POSITIVE_INFINITY : latencyMs * USEC_PER_MS;
      this.fromUsec = Math.min(this.#slowlogUsec, this.#latencyUsec);
      latency.thresholdMs = latencyMs;
      slowLog.setMaxCount(values['slowlog-max-len']);
    });
  }

  onExecuted(client: Client, command: Command, args: Args, usec: number): void {
    if (usec >= this.#slowlogUsec) this.#addToSlowLog(client, command, args, usec);
    if (usec >= this.#latencyUsec) {
      const event = (command.mask & FLAG_FAST) !== 0 ? 'fast-command' : 'command';
      const { clock, statistics } = this.#context;
      statistics.latency.record(event, usec / USEC_PER_MS, clock.nowMs());
    }
  }

  #addToSlowLog(client: Client, command: Command, args: Args, usec: number): void {
    if ((command.mask & FLAG_SKIP_SLOWLOG) !== 0) return;
    const { clock, config, engine, statistics } = this.#context;
    const { repeating } = engine.blocking;
    // XREAD's `$` is an ID when the command runs again.
    const shown = repeating !== null && repeating.args === args ? repeating.sent : args;
    const seconds = Math.floor(clock.nowMs() / 1000);
    const secrets = secretArguments(command, shown, config);
    statistics.slowLog.add(client, shown, secrets, usec, seconds);
  }
}

/**
 * The observer that a server gives its engine; it follows the options of the slow log and the
 * latency monitor.
 */
export function commandRecorder(context: ServerContext): CommandObserver {
  return new CommandRecorder(context);
}
