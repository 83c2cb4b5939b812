// Where the memory is: the figures behind INFO memory, MEMORY STATS and MEMORY DOCTOR, measured
// when they are asked for.

import type { Client } from '../../engine/client.ts';
import type { Database } from '../../keyspace/database.ts';
import { bytesBeforeValue } from '../../structures/entry.ts';
import type { ServerContext } from '../server-context.ts';

/** Bytes that a client's objects take beside its buffers, about. */
const CLIENT_BYTES = 2048;
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
  readonly clientBytes: number;
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

function clientBytes(context: ServerContext): number {
  let bytes = 0;
  for (const client of context.engine.clients.all()) bytes += bytesOfClient(client);
  return bytes;
}

/** Bytes that one client holds. */
export function bytesOfClient(client: Client): number {
  const { argumentBytes, queryBytes, queryFreeBytes, outputBytes } = client.transport.bufferSizes();
  return CLIENT_BYTES + argumentBytes + queryBytes + queryFreeBytes + outputBytes;
}

function databaseMemory(db: Database): DatabaseMemory {
  return {
    id: db.id,
    mainBytes: db.dict.tableBytes + db.dict.count * ENTRY_OVERHEAD_BYTES,
    expiresBytes: db.expires.blockBytes,
  };
}

/**
 * Measures now; also keeps the peak true, which the server's cron only looks at from time to time.
 */
export function measureMemory(context: ServerContext): MemoryReport {
  const { engine, statistics } = context;
  const { keyspace } = engine;
  const { arena } = keyspace;
  const clients = clientBytes(context);
  const usedBytes = keyspace.usedBytes + clients;
  if (usedBytes > statistics.peakUsedBytes) statistics.peakUsedBytes = usedBytes;
  const databases = keyspace.databases
    .filter((db) => db.dict.count > 0)
    .map((db) => databaseMemory(db));
  let overheadBytes = clients;
  for (const { mainBytes, expiresBytes } of databases) overheadBytes += mainBytes + expiresBytes;
  const datasetBytes = Math.max(0, usedBytes - overheadBytes);
  const { keyCount } = keyspace;
  return {
    usedBytes,
    peakBytes: statistics.peakUsedBytes,
    startupBytes: 0,
    clientBytes: clients,
    overheadBytes,
    datasetBytes,
    datasetPercent: (datasetBytes * 100) / Math.max(1, usedBytes),
    peakPercent: (usedBytes * 100) / Math.max(1, statistics.peakUsedBytes),
    keyCount,
    bytesPerKey: keyCount === 0 ? 0 : Math.floor(usedBytes / keyCount),
    databases,
    allocatedBytes: arena.usedBytes,
    activeBytes: arena.usedBytes + arena.wastedBytes,
    mappedBytes: arena.mappedBytes,
    residentBytes: context.residentBytes(),
    notCountedBytes: clients,
  };
}

/** A part of a whole as a ratio; 1 when there is nothing to compare. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
