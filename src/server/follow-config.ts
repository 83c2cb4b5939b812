// Copies options to where they are read often: the engine's settings, the connections' limits, the
// cron, the log.

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
    limits.output.normal = normal;
    limits.output.pubsub = pubsub;
  });
  config.follow(['maxmemory', 'maxmemory-policy', 'lfu-log-factor', 'lfu-decay-time'], (values) => {
    settings.maxMemoryBytes = values.maxmemory;
    keyspace.usesLfu = values['maxmemory-policy'].endsWith('lfu');
    keyspace.lfu.logFactor = values['lfu-log-factor'];
    keyspace.lfu.decayMinutes = values['lfu-decay-time'];
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
