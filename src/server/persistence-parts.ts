// Puts persistence together with its server: what it may ask of it, and who asks it.

import { LoadError, Persistence, type PersistenceHost } from '../persistence/index.ts';
import type { Server, ServerParts } from './server.ts';

export { LoadError };

/** Where the data set stands in the stream of replication, so that a restart can go on from there. */
function positionFields({ replication }: Server): [string, string][] {
  const position = replication.positionForSave();
  if (position === null) return [];
  return [
    ['repl-stream-db', String(position.dbId)],
    ['repl-id', position.id],
    ['repl-offset', String(position.offset)],
  ];
}

/** Makes the persistence of a server, which must have its engine. */
export function makePersistence(server: Server, parts: ServerParts): Persistence {
  const { engine, config, clock, timers, debug, statistics, fastWriter } = server;
  const host: PersistenceHost = {
    engine,
    config,
    clock,
    timers,
    debug,
    files: parts.files,
    startWriter: parts.startWriter,
    log: (level, text) => server.log(level, text),
    recordLatency: (event, durationMs) => {
      statistics.latency.record(event, durationMs, clock.nowMs());
    },
    functionCodes: () => [],
    forgetFunctions: () => {},
    snapshotFields: () => positionFields(server),
    loadFunctions: () => 'functions are not part of this server',
    exit: parts.onFatal ?? (() => {}),
  };
  const persistence = new Persistence(host);
  const { aof } = persistence;
  aof.onListening = (isListening) => {
    fastWriter.before = isListening ? aof.log.beforeReplies : null;
  };
  engine.memory.sources.push({
    name: 'aof.buffer',
    countsForEviction: false,
    usedBytes: () => aof.log.roomBytes,
  });
  return persistence;
}
