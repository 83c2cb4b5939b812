// A fresh Config against what a fresh Redis 7.2.5 said to CONFIG GET *, recorded from the real
// server. What depends on the machine (dir, maxclients, port, bind) is left out.
import { expect, test } from 'vitest';
import { Config } from './config.ts';
import { MemoryDisk } from './memory-disk.ts';

const RECORDED = `
bind-source-addr
protected-mode yes
tcp-backlog 511
unixsocket
unixsocketperm 0
timeout 0
tcp-keepalive 300
socket-mark-id 0
tls-port 0
tls-session-cache-size 20480
tls-session-cache-timeout 300
tls-cluster no
tls-replication no
tls-auth-clients yes
tls-prefer-server-ciphers no
tls-session-caching yes
tls-cert-file
tls-key-file
tls-key-file-pass
tls-client-cert-file
tls-client-key-file
tls-client-key-file-pass
tls-dh-params-file
tls-ca-cert-file
tls-ca-cert-dir
tls-protocols
tls-ciphers
tls-ciphersuites
daemonize no
supervised no
pidfile
loglevel notice
logfile
syslog-enabled no
syslog-ident redis
syslog-facility local0
crash-log-enabled yes
crash-memcheck-enabled yes
databases 16
always-show-logo no
set-proc-title yes
proc-title-template {title} {listen-addr} {server-mode}
locale-collate
shutdown-timeout 10
shutdown-on-sigint default
shutdown-on-sigterm default
disable-thp yes
ignore-warnings
save 3600 1 300 100 60 10000
stop-writes-on-bgsave-error yes
rdbcompression yes
rdbchecksum yes
sanitize-dump-payload no
dbfilename dump.rdb
rdb-del-sync-files no
rdb-save-incremental-fsync yes
replicaof
slaveof
masterauth
masteruser
replica-serve-stale-data yes
slave-serve-stale-data yes
replica-read-only yes
slave-read-only yes
replica-ignore-disk-write-errors no
replica-announced yes
replica-announce-ip
slave-announce-ip
replica-announce-port 0
slave-announce-port 0
replica-priority 100
slave-priority 100
replica-ignore-maxmemory yes
slave-ignore-maxmemory yes
repl-diskless-sync yes
repl-diskless-sync-delay 5
repl-diskless-sync-max-replicas 0
repl-diskless-load disabled
repl-ping-replica-period 10
repl-ping-slave-period 10
repl-timeout 60
repl-disable-tcp-nodelay no
repl-backlog-size 1048576
repl-backlog-ttl 3600
min-replicas-to-write 0
min-slaves-to-write 0
min-replicas-max-lag 10
min-slaves-max-lag 10
propagation-error-behavior ignore
requirepass
aclfile
acllog-max-len 128
acl-pubsub-default resetchannels
enable-debug-command no
enable-module-command no
client-query-buffer-limit 1073741824
client-output-buffer-limit normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60
maxmemory-clients 0
proto-max-bulk-len 536870912
tracking-table-max-keys 1000000
maxmemory 0
maxmemory-policy noeviction
maxmemory-samples 5
maxmemory-eviction-tenacity 10
lfu-log-factor 10
lfu-decay-time 1
active-expire-effort 1
activedefrag no
active-defrag-ignore-bytes 104857600
active-defrag-threshold-lower 10
active-defrag-threshold-upper 100
active-defrag-cycle-min 1
active-defrag-cycle-max 25
active-defrag-max-scan-fields 1000
jemalloc-bg-thread yes
oom-score-adj no
oom-score-adj-values 0 200 800
lazyfree-lazy-eviction no
lazyfree-lazy-expire no
lazyfree-lazy-server-del no
lazyfree-lazy-user-del no
lazyfree-lazy-user-flush no
replica-lazy-flush no
slave-lazy-flush no
appendonly no
appendfilename appendonly.aof
appenddirname appendonlydir
appendfsync everysec
no-appendfsync-on-rewrite no
auto-aof-rewrite-percentage 100
auto-aof-rewrite-min-size 67108864
aof-load-truncated yes
aof-use-rdb-preamble yes
aof-timestamp-enabled no
aof-rewrite-incremental-fsync yes
busy-reply-threshold 5000
lua-time-limit 5000
cluster-enabled no
cluster-config-file nodes.conf
cluster-node-timeout 15000
cluster-port 0
cluster-replica-validity-factor 10
cluster-slave-validity-factor 10
cluster-replica-no-failover no
cluster-slave-no-failover no
cluster-migration-barrier 1
cluster-allow-replica-migration yes
cluster-require-full-coverage yes
cluster-allow-reads-when-down no
cluster-allow-pubsubshard-when-down yes
cluster-link-sendbuf-limit 0
cluster-announce-ip
cluster-announce-port 0
cluster-announce-tls-port 0
cluster-announce-bus-port 0
cluster-announce-hostname
cluster-announce-human-nodename
cluster-preferred-endpoint-type ip
slowlog-log-slower-than 10000
slowlog-max-len 128
latency-monitor-threshold 0
latency-tracking yes
latency-tracking-info-percentiles 50 99 99.9
notify-keyspace-events
hash-max-listpack-entries 512
hash-max-ziplist-entries 512
hash-max-listpack-value 64
hash-max-ziplist-value 64
list-max-listpack-size -2
list-max-ziplist-size -2
list-compress-depth 0
set-max-intset-entries 512
set-max-listpack-entries 128
set-max-listpack-value 64
zset-max-listpack-entries 128
zset-max-ziplist-entries 128
zset-max-listpack-value 64
zset-max-ziplist-value 64
hll-sparse-max-bytes 3000
stream-node-max-bytes 4096
stream-node-max-entries 100
hz 10
dynamic-hz yes
activerehashing yes
io-threads 1
io-threads-do-reads no
server_cpulist
bio_cpulist
aof_rewrite_cpulist
bgsave_cpulist
`;

/**
 * Options whose recorded line is not compared, as it depends on the machine or on how it was
 * recorded.
 */
const NOT_RECORDED = ['bind', 'port', 'maxclients', 'dir', 'enable-protected-configs'];

test('names, aliases and defaults are those of Redis 7.2', () => {
  const disk = new MemoryDisk();
  const config = new Config({ directory: '/', resolveDirectory: disk.resolveDirectory.bind(disk) });
  const recorded = RECORDED.trim()
    .split('\n')
    .map((line) => /^(\S+) ?(.*)$/.exec(line)?.slice(1));
  const ours = config.getMatching(['*']).filter(([name]) => !NOT_RECORDED.includes(name));
  expect(new Map(ours)).toEqual(new Map(recorded as [string, string][]));
  expect(
    config.getMatching(['bind', 'port', 'maxclients', 'dir', 'enable-protected-configs']),
  ).toEqual([
    ['bind', '* -::*'],
    ['port', '6379'],
    ['maxclients', '10000'],
    ['dir', '/'],
    ['enable-protected-configs', 'no'],
  ]);
});

test('hidden options have the defaults of Redis 7.2', () => {
  const disk = new MemoryDisk();
  const config = new Config({ directory: '/', resolveDirectory: disk.resolveDirectory.bind(disk) });
  const hidden = config.list().filter(({ option }) => option.hidden === true);
  expect(hidden.map(({ name }) => `${name} ${config.format(name)}`).sort()).toEqual([
    'aof-disable-auto-gc no',
    'cluster-ping-interval 0',
    'key-load-delay 0',
    'loading-process-events-interval-bytes 2097152',
    'lua-enable-deprecated-api no',
    'rdb-key-save-delay 0',
    'use-exit-on-panic no',
    'watchdog-period 0',
  ]);
});
