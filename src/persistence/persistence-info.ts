// The fields of INFO persistence.

import type { Persistence } from './persistence.ts';
import type { PersistenceHost } from './persistence-host.ts';

function status(isOk: boolean): string {
  return isOk ? 'ok' : 'err';
}

/** The fields in Redis's order. */
export function persistenceFields(
  host: PersistenceHost,
  persistence: Persistence,
): Record<string, string | number> {
  const { engine, clock } = host;
  const { background, rdb, aof, loading } = persistence;
  const { walk } = background;
  const nowMs = clock.nowMs();
  const since = (ms: number): number => (ms < 0 ? -1 : Math.floor((nowMs - ms) / 1000));
  const written = walk?.writtenCount ?? 0;
  const total = walk?.keyCount ?? 0;
  const isOn = aof.state !== 'off';
  return {
    loading: engine.isLoading ? 1 : 0,
    async_loading: engine.isLoadingAside ? 1 : 0,
    current_cow_peak: 0,
    current_cow_size: 0,
    current_cow_size_age: 0,
    current_fork_perc: (total === 0 ? 0 : (written / total) * 100).toFixed(2),
    current_save_keys_processed: written,
    current_save_keys_total: total,
    rdb_changes_since_last_save: engine.dirty,
    rdb_bgsave_in_progress: rdb.isWriting ? 1 : 0,
    rdb_last_save_time: rdb.lastSaveSeconds,
    rdb_last_bgsave_status: status(rdb.lastOk),
    rdb_last_bgsave_time_sec: rdb.lastDurationSeconds,
    rdb_current_bgsave_time_sec: since(rdb.startedMs),
    rdb_saves: rdb.saveCount,
    rdb_last_cow_size: 0,
    rdb_last_load_keys_expired: persistence.expiredKeysAtLoad,
    rdb_last_load_keys_loaded: persistence.loadedKeys,
    aof_enabled: isOn ? 1 : 0,
    aof_rewrite_in_progress: background.kind === 'aof' ? 1 : 0,
    aof_rewrite_scheduled: aof.isScheduled ? 1 : 0,
    aof_last_rewrite_time_sec: aof.lastRewriteSeconds,
    aof_current_rewrite_time_sec: since(aof.rewriteStartedMs),
    aof_last_bgrewrite_status: status(aof.lastRewriteOk),
    aof_rewrites: aof.rewriteCount,
    aof_rewrites_consecutive_failures: aof.limit.failures,
    aof_last_write_status: status(!aof.log.lastWriteFailed && !aof.log.lastSyncFailed),
    aof_last_cow_size: 0,
    module_fork_in_progress: 0,
    module_fork_last_cow_size: 0,
    ...(isOn
      ? {
          aof_current_size: aof.totalBytes,
          aof_base_size: aof.baseBytes,
          aof_pending_rewrite: aof.isScheduled ? 1 : 0,
          aof_buffer_length: aof.log.bufferedBytes,
          aof_pending_bio_fsync: aof.log.isSyncing ? 1 : 0,
          aof_delayed_fsync: aof.log.delayedSyncs,
        }
      : {}),
    ...loading.fields(),
  };
}
