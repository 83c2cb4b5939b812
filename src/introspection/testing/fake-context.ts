// A server's context for unit tests: the engine of a harness, a configuration in memory, and what
// was asked of the rest.

import { Config } from '../../config/config.ts';
import { MemoryDisk } from '../../config/memory-disk.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Engine } from '../../engine/engine.ts';
import { Harness } from '../../engine/testing/harness.ts';
import { type Clock, systemTimers, type Timers } from '../../runtime/clock.ts';
import { type Random, seededRandom } from '../../runtime/random.ts';
import type { HistoryNamer } from '../debug/server-words.ts';
import { commandRecorder, introspectionCommands } from '../index.ts';
import { addFields, type InfoSection } from '../info/info-section.ts';
import type { DebugSwitches, ServerContext, ShutdownRequest } from '../server-context.ts';
import { ServerStatistics } from '../server-statistics.ts';

export class FakeContext implements ServerContext {
  readonly scripting: ServerContext['scripting'] = {
    evalStateBytes: 0,
    functionStateBytes: 0,
    scripts: { count: 0, usedBytes: 0 },
    libraries: { count: 0, functionCount: 0, usedBytes: 0 },
  };
  readonly disk: MemoryDisk = new MemoryDisk();
  readonly config: Config = new Config({
    directory: '/',
    resolveDirectory: (path, from) => this.disk.resolveDirectory(path, from),
  });
  readonly pubsub: ServerContext['pubsub'] = { count: () => 0 };
  readonly tracking: ServerContext['tracking'] = {
    clientCount: 1,
    keyCount: 2,
    itemCount: 3,
    prefixCount: 4,
  };
  readonly persistence: ServerContext['persistence'] = {
    startCount: 0,
    lastStartUsec: 0,
    aofWriteMs: 0,
    resetStatistics: () => {},
    fields: () => ({ loading: 0, rdb_changes_since_last_save: this.engine.dirty }),
    reload: () => this.refusal,
    reloadAof: () => this.refusal,
  };
  readonly timers: Timers = systemTimers;
  readonly random: Random = seededRandom(7);
  readonly statistics: ServerStatistics = new ServerStatistics();
  readonly runId: string = 'f'.repeat(40);
  readonly startedMs = 1_700_000_000_000;
  readonly supervisor = 'no';
  readonly executable = '/usr/bin/disgo-server';
  readonly port = 6379;
  readonly listeners: ServerContext['listeners'] = [
    { name: 'tcp', addresses: ['127.0.0.1', '::1'], port: 6379 },
    { name: 'unix', addresses: ['/run/disgo.sock'], port: 0 },
  ];
  readonly debug: DebugSwitches = {
    cronIsPaused: false,
    replyBufferPeakResetMs: 5000,
    replyBufferResizing: true,
  };
  configFile = '';
  historyId: string = 'a'.repeat(40);
  readonly history: HistoryNamer = {
    renew: () => {
      this.historyId = this.random.hex(40);
    },
    forgetSecond: () => {},
  };
  readonly logged: string[] = [];
  readonly shutdowns: ShutdownRequest[] = [];
  /** What `shutdown` and `rewriteConfig` answer. */
  refusal: string | null = null;
  readonly rewrites: boolean[] = [];
  readonly harness: Harness;

  constructor(others: readonly CommandSpec[] = []) {
    const section: InfoSection = {
      names: ['replication'],
      title: 'Replication',
      shown: 'by-default',
      write: (lines) => addFields(lines, { role: 'master', master_replid: this.historyId }),
    };
    const parts = { section, history: this.history, say: () => {} };
    this.harness = new Harness([...introspectionCommands(this, parts), ...others]);
    this.harness.engine.timer.observer = commandRecorder(this);
  }

  get engine(): Engine {
    return this.harness.engine;
  }

  get clock(): Clock {
    return this.harness.clock;
  }

  residentBytes(): number {
    return 50_000_000;
  }

  shutdown(request: ShutdownRequest): string | null {
    this.shutdowns.push(request);
    return this.refusal;
  }

  rewriteConfig(forceAll = false): string | null {
    this.rewrites.push(forceAll);
    return this.refusal;
  }

  log(level: string, text: string): void {
    this.logged.push(`${level} ${text}`);
  }
}
