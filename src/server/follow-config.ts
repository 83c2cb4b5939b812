// Copies options to where they are read often: the engine's settings, the connections' limits, the
// cron, the log.

import { turnOutputBytes } from './connection-limits.ts';
import type { Server } from './server.ts';

/** Keeps a server's parts equal to its options from now on. */
export function followConfig(server: Server): void {
  const { config, engine, limits } = server;
  const { settings, keyspace } = engine;
  config.follow(['proto-max-bulk-len', 'client-query-buffer-limit'], (values) => {
    settings.protoMaxBulkBytes = values['proto-max-bulk-len'];
    limits.protoMaxBulkBytes = values['proto-max-bulk-len'];
    limits.queryBufferBytes = values['client-query-buffer-limit'];
  });
  config.follow(['client-output-buffer-limit'], (values) => {
    const { normal, pubsub } = values['client-output-buffer-limit'];
    Object.assign(limits, { normal, pubsub });
    limits.turnOutputBytes = turnOutputBytes(limits);
  });
  config.follow(['tracking-table-max-keys'], (values) => {
    server.tracking.maxKeys = values['tracking-table-max-keys'];
  });
  config.follow(['notify-keyspace-events'], (values) => {
    settings.notifyMask = values['notify-keyspace-events'];
    engine.events.setHooks();
  });
  config.follow(
    [
      'lazyfree-lazy-user-del',
      'lazyfree-lazy-user-flush',
      'lazyfree-lazy-server-del',
      'lazyfree-lazy-expire',
    ],
    (values) => {
      settings.lazyUserDel = values['lazyfree-lazy-user-del'];
      settings.lazyUserFlush = values['lazyfree-lazy-user-flush'];
      keyspace.lazyServerDel = values['lazyfree-lazy-server-del'];
      keyspace.lazyExpire = values['lazyfree-lazy-expire'];
    },
  );
  config.follow(['rdbcompression', 'sanitize-dump-payload'], (values) => {
    settings.rdbCompression = values.rdbcompression;
    settings.sanitizeDumpPayload = values['sanitize-dump-payload'];
  });
  config.follow(['busy-reply-threshold'], (values) => {
    server.scripting.thresholdMs = Number(values['busy-reply-threshold']);
    server.scripting.hasDeprecated = config.values['lua-enable-deprecated-api'];
  });
  followMemoryLimits(server);
  followEncodingLimits(server);
  config.follow(['slowlog-log-slower-than', 'latency-tracking'], (values) => {
    settings.slowlogThresholdUsec = values['slowlog-log-slower-than'];
    engine.timer.tracksLatency = values['latency-tracking'];
  });
  config.follow(['hz', 'activerehashing', 'timeout', 'tcp-keepalive'], (values) => {
    server.hz = values.hz;
    server.rehashes = values.activerehashing;
    server.idleTimeoutSeconds = values.timeout;
    server.keepAliveMs = values['tcp-keepalive'] * 1000;
  });
  config.follow(['loglevel'], (values) => {
    const { loglevel } = values;
    if (loglevel === 'nothing') server.logger.target = null;
    else server.logger.level = loglevel;
  });
}

function followMemoryLimits(server: Server): void {
  const { config, engine } = server;
  const { keyspace, memory, clientMemory } = engine;
  const { eviction, lfu } = keyspace;
  const policyNames = ['maxmemory-policy', 'maxmemory-samples', 'lazyfree-lazy-eviction'] as const;
  config.follow(policyNames, (values) => {
    eviction.setPolicy(values['maxmemory-policy']);
    eviction.sampleCount = values['maxmemory-samples'];
    eviction.isLazy = values['lazyfree-lazy-eviction'];
    keyspace.usesLfu = eviction.order === 'lfu';
  });
  config.follow(['lfu-log-factor', 'lfu-decay-time'], (values) => {
    lfu.logFactor = values['lfu-log-factor'];
    lfu.decayMinutes = values['lfu-decay-time'];
  });
  config.follow(['maxmemory-eviction-tenacity'], (values) => {
    memory.tenacity = values['maxmemory-eviction-tenacity'];
  });
  config.follow(['maxmemory', 'maxmemory-clients'], (values) => {
    clientMemory.configure(values['maxmemory-clients'], values.maxmemory);
    // After the command that sets it, whose arguments the client still holds now.
    server.timers.soon(() => {
      clientMemory.measure();
      clientMemory.evict();
    });
  });
  config.follow(['maxmemory'], (values) => {
    memory.maxBytes = values.maxmemory;
    if (!memory.isExceeded) return;
    const used = memory.usedBytes - memory.notCountedBytes;
    server.log(
      'warning',
      `WARNING: the new maxmemory value set via CONFIG SET (${values.maxmemory}) is smaller than ` +
        `the current memory usage (${used}). This will result in key eviction and/or the ` +
        'inability to accept new write commands depending on the maxmemory-policy.',
    );
    memory.start();
  });
}

function followEncodingLimits({ config, engine }: Server): void {
  const { limits } = engine.keyspace.values;
  config.follow(['hash-max-listpack-entries', 'hash-max-listpack-value'], (values) => {
    limits.hashMaxListpackEntries = values['hash-max-listpack-entries'];
    limits.hashMaxListpackValue = values['hash-max-listpack-value'];
  });
  config.follow(['list-max-listpack-size', 'list-compress-depth'], (values) => {
    limits.listMaxListpackSize = values['list-max-listpack-size'];
    limits.listCompressDepth = values['list-compress-depth'];
  });
  config.follow(
    ['set-max-intset-entries', 'set-max-listpack-entries', 'set-max-listpack-value'],
    (values) => {
      limits.setMaxIntsetEntries = values['set-max-intset-entries'];
      limits.setMaxListpackEntries = values['set-max-listpack-entries'];
      limits.setMaxListpackValue = values['set-max-listpack-value'];
    },
  );
  config.follow(['zset-max-listpack-entries', 'zset-max-listpack-value'], (values) => {
    limits.zsetMaxListpackEntries = values['zset-max-listpack-entries'];
    limits.zsetMaxListpackValue = values['zset-max-listpack-value'];
  });
  config.follow(
    ['stream-node-max-bytes', 'stream-node-max-entries', 'hll-sparse-max-bytes'],
    (values) => {
      limits.streamNodeMaxBytes = values['stream-node-max-bytes'];
      limits.streamNodeMaxEntries = values['stream-node-max-entries'];
      limits.hllSparseMaxBytes = values['hll-sparse-max-bytes'];
    },
  );
}
