// INFO replication: fields and order of Redis 7.2.

import type { MasterLink } from './master-link.ts';
import type { Replica } from './replica.ts';
import { lagSeconds } from './replicas.ts';
import type { Replication } from './replication.ts';

const MS_PER_SECOND = 1000;

function stateText({ state }: Replica): string {
  if (state === 'waiting' || state === 'snapshot') return 'wait_bgsave';
  if (state === 'file') return 'send_bulk';
  return state === 'online' ? 'online' : 'rdb_transmitted';
}

function addLink(lines: string[], replication: Replication, link: MasterLink): void {
  const { clock, config } = replication.server;
  const { values } = config;
  const nowMs = clock.nowMs();
  const secondsSince = (ms: number): number => Math.floor((nowMs - ms) / MS_PER_SECOND);
  const isUp = link.state === 'connected';
  const offset = Math.max(0, link.offset);
  lines.push(
    `master_host:${link.host}`,
    `master_port:${link.port}`,
    `master_link_status:${isUp ? 'up' : 'down'}`,
    `master_last_io_seconds_ago:${isUp ? secondsSince(link.lastIoMs) : -1}`,
    `master_sync_in_progress:${link.state === 'transfer' ? 1 : 0}`,
    `slave_read_repl_offset:${link.position === null ? 1 : Math.max(0, link.readOffset)}`,
    `slave_repl_offset:${link.position === null ? 1 : offset}`,
  );
  if (link.state === 'transfer') {
    const total = link.transfer?.receiver.totalBytes ?? 0;
    const read = link.transfer?.receiver.readBytes ?? 0;
    const percent = total === 0 ? 0 : (read / total) * 100;
    lines.push(
      `master_sync_total_bytes:${total}`,
      `master_sync_read_bytes:${read}`,
      `master_sync_left_bytes:${total - read}`,
      `master_sync_perc:${percent.toFixed(2)}`,
      `master_sync_last_io_seconds_ago:${secondsSince(link.lastIoMs)}`,
    );
  }
  if (!isUp) {
    const since = link.downSinceMs === 0 ? -1 : secondsSince(link.downSinceMs);
    lines.push(`master_link_down_since_seconds:${since}`);
  }
  lines.push(
    `slave_priority:${values['replica-priority']}`,
    `slave_read_only:${values['replica-read-only'] ? 1 : 0}`,
    `replica_announced:${values['replica-announced'] ? 1 : 0}`,
  );
}

/** The section as INFO shows it. */
export function replicationSection(replication: Replication): {
  readonly names: readonly [string];
  readonly title: string;
  readonly shown: 'by-default';
  write(lines: string[]): void;
} {
  return {
    names: ['replication'],
    title: 'Replication',
    shown: 'by-default',
    write(lines) {
      const { link, replicas, history, buffer, offset, server } = replication;
      const { values } = server.config;
      const nowMs = server.clock.nowMs();
      lines.push(`role:${link === null ? 'master' : 'slave'}`);
      if (link !== null) addLink(lines, replication, link);
      lines.push(`connected_slaves:${replicas.count}`);
      if (values['min-replicas-to-write'] > 0 && values['min-replicas-max-lag'] > 0) {
        const good = replicas.countGood(values['min-replicas-max-lag']);
        lines.push(`min_slaves_good_slaves:${good}`);
      }
      let index = 0;
      for (const replica of replicas.all) {
        const lag = replica.state === 'online' ? lagSeconds(replica, nowMs) : 0;
        lines.push(
          `slave${index++}:ip=${replica.host},port=${replica.traits.port},` +
            `state=${stateText(replica)},offset=${replica.ackOffset},lag=${lag}`,
        );
      }
      lines.push(
        `master_failover_state:${replication.failover.state}`,
        `master_replid:${history.id}`,
        `master_replid2:${history.secondId}`,
        `master_repl_offset:${offset}`,
        `second_repl_offset:${history.secondOffset}`,
        `repl_backlog_active:${buffer === null ? 0 : 1}`,
        `repl_backlog_size:${server.config.format('repl-backlog-size')}`,
        `repl_backlog_first_byte_offset:${buffer === null ? 0 : buffer.start + 1}`,
        `repl_backlog_histlen:${buffer?.length ?? 0}`,
      );
    },
  };
}
