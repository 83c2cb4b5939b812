// Where the memory is: the figures behind INFO memory, MEMORY STATS and MEMORY DOCTOR, measured
// when they are asked for.

import type { Database } from '../../keyspace/database.ts';
import { bytesBeforeValue } from '../../structures/entry.ts';
import type { ServerContext } from '../server-context.ts';

/** Bytes that an entry has beside its key and value. */
const ENTRY_OVERHEAD_BYTES = bytesBeforeValue(0, false);

export interface DatabaseMemory {
  readonly id: number;
  /** Table and headers of the keys, and the heap of expiries, in bytes. */
  readonly mainBytes: number;
  readonly expiresBytes: number;
}

export interface MemoryReport {
  /** Data set, clients and logs. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** What the server used before there was data. */
  readonly startupBytes: number;
  /** Clients of the classes normal and pubsub, and replicas. */
  readonly clientBytes: number;
  readonly replicaBytes: number;
  /** What each feature adds, by its name. */
  readonly sourceBytes: ReadonlyMap<string, number>;
  /** All that is not keys and values. */
  readonly overheadBytes: number;
  readonly datasetBytes: number;
  /** Share of the data set in what came after the start, in per cent. */
  readonly datasetPercent: number;
  readonly peakPercent: number;
  readonly keyCount: number;
  readonly bytesPerKey: number;
  readonly databases: readonly DatabaseMemory[];
  /** Blocks in use, with the free ones of their slabs, with all that the system gave. */
  readonly allocatedBytes: number;
  readonly activeBytes: number;
  readonly mappedBytes: number;
  readonly residentBytes: number;
  /** Part of `usedBytes` that maxmemory does not look at. */
  readonly notCountedBytes: number;
}

function databaseMemory(db: Database): DatabaseMemory {
  return {
    id: db.id,
    mainBytes: db.dict.tableBytes + db.dict.count * ENTRY_OVERHEAD_BYTES,
    expiresBytes: db.expires.usedBytes,
  };
}

/** Measures now; also keeps the peak true, which the server's cron only looks at now and then. */
export function measureMemory(context: ServerContext): MemoryReport {
  const { engine, statistics } = context;
  const { keyspace, memory, clientMemory } = engine;
  const { arena } = keyspace;
  clientMemory.measure();
  const usedBytes = memory.samplePeak();
  const { startupBytes } = statistics;
  const sourceBytes = new Map(memory.sources.map((source) => [source.name, source.usedBytes()]));
  const databases = keyspace.databases
    .filter((db) => db.dict.count > 0)
    .map((db) => databaseMemory(db));
  let overheadBytes = startupBytes + clientMemory.totalBytes;
  for (const bytes of sourceBytes.values()) overheadBytes += bytes;
  for (const { mainBytes, expiresBytes } of databases) overheadBytes += mainBytes + expiresBytes;
  const datasetBytes = Math.max(0, usedBytes - overheadBytes);
  const netBytes = Math.max(1, usedBytes - startupBytes);
  const { keyCount } = keyspace;
  return {
    usedBytes,
    peakBytes: memory.peakBytes,
    startupBytes,
    clientBytes: clientMemory.normalBytes,
    replicaBytes: clientMemory.replicaBytes,
    sourceBytes,
    overheadBytes,
    datasetBytes,
    datasetPercent: (datasetBytes * 100) / netBytes,
    peakPercent: (usedBytes * 100) / Math.max(1, memory.peakBytes),
    keyCount,
    bytesPerKey: keyCount === 0 ? 0 : Math.floor(netBytes / keyCount),
    databases,
    allocatedBytes: keyspace.usedBytes,
    activeBytes: keyspace.usedBytes + arena.wastedBytes,
    mappedBytes: Math.max(arena.mappedBytes, keyspace.usedBytes + arena.wastedBytes),
    residentBytes: context.residentBytes(),
    notCountedBytes: memory.notCountedBytes,
  };
}

/** A part of a whole as a ratio; 1 when there is nothing to compare. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
