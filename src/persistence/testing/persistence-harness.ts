// A server's persistence without a server, for unit tests: the engine of a harness, files in
// memory, a clock and timers that the test moves.

import { coreCommands } from '../../commands/index.ts';
import { Config } from '../../config/config.ts';
import type { ConfigInput } from '../../config/input.ts';
import { loadInput } from '../../config/input.ts';
import { Harness } from '../../engine/testing/harness.ts';
import type { Timers } from '../../runtime/clock.ts';
import { persistenceCommands } from '../commands.ts';
import { innerWriters } from '../inner-writer.ts';
import { Persistence } from '../persistence.ts';
import type { PersistenceHost } from '../persistence-host.ts';
import type { WriterStart } from '../snapshot-writer.ts';
import { AofWaits } from '../waitaof-command.ts';
import { MemoryFiles } from './memory-files.ts';

export class PersistenceHarness {
  readonly files: MemoryFiles;
  readonly h: Harness;
  readonly config: Config;
  readonly persistence: Persistence;
  readonly logged: string[] = [];
  exitCode = 0;
  /** Takes the place of what writes snapshots. */
  writers: WriterStart | null = null;
  readonly #planned: (() => void)[] = [];

  /** Codes of libraries that were loaded beside those of the server, and what took their place. */
  readonly spareCodes: string[] = [];
  adoptedCodes: readonly string[] | null = null;

  /** @param files of an earlier run, to start again on what it has left */
  constructor(options: ConfigInput = {}, files: MemoryFiles = new MemoryFiles()) {
    this.files = files;
    this.config = new Config({
      directory: '/data',
      resolveDirectory: (path) => ({ path }),
    });
    const refused = loadInput(this.config, { save: '', ...options } as ConfigInput);
    if (refused !== null) throw new Error(`${refused.name}: ${refused.reason}`);
    this.h = new Harness([
      ...coreCommands,
      ...persistenceCommands(
        () => this.persistence,
        () => new AofWaits(this.persistence, () => NO_REPLICAS),
      ),
    ]);
    // The journal of the harness hears of everything; here the append-only log is the one to ask.
    this.persistence = new Persistence(this.#host());
  }

  #host(): PersistenceHost {
    const timers: Timers = {
      after: (_, run) => {
        this.#planned.push(run);
        return { stop: () => {} };
      },
      soon: (run) => {
        this.#planned.push(run);
      },
    };
    let writerId = 0;
    const own = innerWriters(this.files, () => ++writerId);
    return {
      engine: this.h.engine,
      config: this.config,
      clock: this.h.clock,
      timers,
      files: this.files,
      fileNumber: process.pid,
      startWriter: (task, onEnd) => (this.writers ?? own)(task, onEnd),
      log: (_, text) => this.logged.push(text),
      onAofError: (_, error) => this.logged.push(error.text),
      recordLatency: () => {},
      debug: {},
      functionCodes: () => [],
      forgetFunctions: () => {},
      loadFunctions: () => '',
      spareFunctions: () => ({
        load: (code) => {
          this.spareCodes.push(Buffer.from(code).toString());
          return '';
        },
        adopt: () => {
          this.adoptedCodes = this.spareCodes;
        },
      }),
      streamOffset: () => 0,
      snapshotFields: () => [],
      onExpiredAtLoad: () => {},
      exit: (code) => {
        this.exitCode = code;
      },
    };
  }

  /** Lets everything that was planned happen, disk included. */
  settle(): void {
    while (this.#planned.length > 0 || this.files.waiting.length > 0) {
      this.turn();
      this.files.settle();
    }
  }

  /** Time passes until `everysec` has a sync due, which ends. */
  syncWhenDue(): void {
    this.h.clock.advance(1500);
    this.persistence.tick();
    this.files.settle();
  }

  /** One turn of the event loop. */
  turn(): void {
    for (const run of this.#planned.splice(0)) run();
  }

  /** Loads what is on the disk, as at the start. */
  async start(): Promise<void> {
    const started = this.persistence.start();
    let isOver = false;
    started.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    while (!isOver) {
      this.settle();
      await Promise.resolve();
    }
    await started;
  }

  run(...parts: (string | number)[]): unknown {
    return this.h.run(...parts);
  }

  /** The path of the file that is written to. */
  get logPath(): string {
    const { folder } = this.persistence.aof;
    return folder.pathOf(folder.manifest.incr.at(-1)?.name ?? '');
  }
}

const NO_REPLICAS = { isReplica: false, countAofAcks: () => 0, requestAcks: () => {} };

/** A server with an append-only file that has started. */
export async function started(
  options: ConstructorParameters<typeof PersistenceHarness>[0] = {},
  files: MemoryFiles = new MemoryFiles(),
): Promise<PersistenceHarness> {
  const p = new PersistenceHarness({ appendonly: true, ...options }, files);
  await p.start();
  return p;
}

/** What another server finds on the same disk after a crash. */
export async function afterCrash(p: PersistenceHarness): Promise<PersistenceHarness> {
  p.files.crash();
  p.files.failing = null;
  p.files.roomBytes = Number.POSITIVE_INFINITY;
  return started({}, p.files);
}

/** A change is written, and the sync of it fails beside the server, as those to come do. */
export function failSync(p: PersistenceHarness): void {
  p.run('SET', 'a', '1');
  p.settle();
  p.files.failing = 'sync';
  p.syncWhenDue();
}
