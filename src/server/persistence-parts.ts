// Puts persistence together with its server: what it may ask of it, and who asks it.

import {
  AofWaits,
  LoadError,
  Persistence,
  type PersistenceHost,
  type SpareFunctions,
} from '../persistence/index.ts';
import { Libraries } from '../scripting/index.ts';
import type { Server, ServerParts } from './server.ts';

export { LoadError };

/** Where the data set stands in the stream of replication: a restart can go on from there. */
function positionFields({ replication }: Server): [string, string][] {
  const position = replication.positionForSave();
  if (position === null) return [];
  return [
    ['repl-stream-db', String(position.dbId)],
    ['repl-id', position.id],
    ['repl-offset', String(position.offset)],
  ];
}

/** Libraries beside those that clients see, for a data set that is loaded beside theirs. */
function spareFunctions(server: Server): SpareFunctions {
  const { loader, libraries } = server.scripting;
  const spare = new Libraries();
  return {
    load: (code) => {
      const loaded = loader.load(Buffer.from(code).toString('latin1'), false, spare, false);
      return typeof loaded === 'string' ? loaded : '';
    },
    adopt: () => libraries.replaceWith(spare),
  };
}

/** Makes the persistence of a server, which must have its engine. */
export function makePersistence(
  server: Server,
  parts: ServerParts,
): { readonly persistence: Persistence; readonly waits: AofWaits } {
  const { engine, config, clock, timers, debug, statistics, fastWriter } = server;
  const host: PersistenceHost = {
    engine,
    config,
    clock,
    timers,
    debug,
    files: parts.files,
    fileNumber: parts.fileNumber,
    startWriter: (task, onEnd) => {
      const writer = parts.startWriter(task, onEnd);
      if (!('error' in writer) && writer.isProcess === true)
        server.oomScore.applyToChild(writer.id);
      return writer;
    },
    log: (level, text) => server.log(level, text),
    recordLatency: (event, durationMs) => {
      statistics.latency.record(event, durationMs, clock.nowMs());
    },
    functionCodes: () =>
      [...server.scripting.libraries.all()].map(({ code }) => Buffer.from(code, 'latin1')),
    forgetFunctions: () => server.scripting.flushLibraries(),
    streamOffset: () => server.replication.offset,
    onExpiredAtLoad: (dbId, key) => server.replication.onExpiredAtLoad(dbId, key),
    snapshotFields: () => positionFields(server),
    loadFunctions: (code, replaces) => {
      const loaded = server.scripting.loader.load(Buffer.from(code).toString('latin1'), replaces);
      return typeof loaded === 'string' ? loaded : '';
    },
    spareFunctions: () => spareFunctions(server),
    onAofError: (client, error) => server.unexpected.tell('AOF-loading-client', client, error),
    exit: parts.onFatal ?? (() => {}),
  };
  const persistence = new Persistence(host);
  const { aof } = persistence;
  const { replication } = server;
  const waits = new AofWaits(persistence, () => ({
    isReplica: replication.isReplica,
    countAofAcks: (offset) => replication.replicas.countAofAcks(offset),
    requestAcks: () => replication.requestAcks(),
  }));
  const { onAck } = replication.replicas;
  replication.replicas.onAck = () => {
    onAck();
    waits.serve();
  };
  aof.log.onSynced = () => {
    if (aof.state !== 'off') replication.aofOffset = aof.log.syncedStreamOffset;
    waits.serve();
  };
  aof.onListening = (isListening) => {
    fastWriter.before = isListening ? aof.log.beforeReplies : null;
    if (aof.state === 'off') replication.aofOffset = -1;
    waits.serve();
  };
  engine.memory.sources.push({
    name: 'aof.buffer',
    countsForEviction: false,
    usedBytes: () => aof.log.roomBytes,
  });
  return { persistence, waits };
}
