// Exceptions from the rules of the house: the file, and the reason why the rule does not fit it. A
// line that is no longer needed fails the test, so this list only shrinks by itself. Read by
// code.test.ts.

type Exceptions = Readonly<Record<string, string>>;

export const fileLineExceptions: Exceptions = {
  'src/keyspace/database.ts': 'three lines over; its expiry part is to become a file of its own',
};

export const functionExceptions: Exceptions = {};

export const moduleStateExceptions: Exceptions = {
  'src/bytes/double-digits.ts': 'a table of constants, computed when the first number needs it',
};

export const machineUseExceptions: Exceptions = {};

/** Errors that code between bytes and commands may throw. */
export const allowedThrows: readonly string[] = ['InvariantError', 'ArenaFullError'];

/** Files that were written with wider comments; no new one may join them. */
export const wideCommentFiles: readonly string[] = [
  'bench/throughput.ts',
  'src/bytes/ascii.ts',
  'src/bytes/bits.test.ts',
  'src/bytes/copy.ts',
  'src/bytes/glob.test.ts',
  'src/bytes/hash.ts',
  'src/bytes/integer.ts',
  'src/cli/main.ts',
  'src/cli/texts.ts',
  'src/commands/connection/client-name.ts',
  'src/commands/keys/cursor.ts',
  'src/commands/keys/expire-options.ts',
  'src/commands/keys/object.ts',
  'src/engine/call.ts',
  'src/engine/client-line.ts',
  'src/engine/client-registry.ts',
  'src/engine/client.ts',
  'src/engine/command-spec.ts',
  'src/engine/command.ts',
  'src/engine/engine.ts',
  'src/engine/help-reply.ts',
  'src/engine/key-extraction.ts',
  'src/engine/latency-histogram.ts',
  'src/engine/settings.ts',
  'src/engine/testing/harness.ts',
  'src/engine/testing/parse-reply.ts',
  'src/index.ts',
  'src/introspection/command-recorder.ts',
  'src/introspection/config-command.ts',
  'src/introspection/debug/debug-command.ts',
  'src/introspection/debug/digest.ts',
  'src/introspection/debug/object-words.ts',
  'src/introspection/debug/populate.ts',
  'src/introspection/debug/server-words.ts',
  'src/introspection/help.ts',
  'src/introspection/info/info-command.ts',
  'src/introspection/info/info-section.ts',
  'src/introspection/latency/latency-graph.ts',
  'src/introspection/latency/latency-monitor.ts',
  'src/introspection/lolwut.ts',
  'src/introspection/memory/memory-command.ts',
  'src/introspection/memory/memory-report.ts',
  'src/introspection/protection.ts',
  'src/introspection/server-context.ts',
  'src/introspection/slowlog/slow-log.ts',
  'src/introspection/small-commands.ts',
  'src/keyspace/access-clock.ts',
  'src/keyspace/database.ts',
  'src/keyspace/keyspace.ts',
  'src/keyspace/lazy-free.ts',
  'src/memory/arena.ts',
  'src/memory/page-store.ts',
  'src/memory/size-classes.ts',
  'src/protocol/args.ts',
  'src/protocol/inline.ts',
  'src/protocol/reply-errors.ts',
  'src/protocol/reply-writer.ts',
  'src/protocol/request-reader.ts',
  'src/runtime/clock.ts',
  'src/runtime/memory.ts',
  'src/runtime/random.ts',
  'src/server/connection.ts',
  'src/server/cron.ts',
  'src/server/embedded.ts',
  'src/server/fast-read.ts',
  'src/server/follow-config.ts',
  'src/server/listen-options.ts',
  'src/server/listeners.ts',
  'src/server/log.ts',
  'src/server/password.ts',
  'src/server/server.ts',
  'src/server/writer-pool.ts',
  'src/structures/dict.ts',
  'src/structures/entry.ts',
  'src/structures/expiry-heap.ts',
  'src/values/string.ts',
  'test/redis-suite/main.ts',
  'vitest.config.ts',
];
