// INFO's counters: stats, and what each command and each error was counted with.

import type { Command, CommandTable } from '../../engine/command.ts';
import type { ServerContext } from '../server-context.ts';
import { addFields, type InfoSection, infoLine, safeName } from './info-section.ts';

/** Calls `visit` for all commands, subcommands behind their container. */
export function forEachCommand(table: CommandTable, visit: (command: Command) => void): void {
  for (const command of table.all()) {
    visit(command);
    if (command.subcommands !== null) forEachCommand(command.subcommands, visit);
  }
}

function kilobytes(bytes: number): string {
  return (Math.floor(bytes) / 1024).toFixed(2);
}

function trafficFields(context: ServerContext): Record<string, string | number> {
  const { engine, statistics } = context;
  return {
    total_connections_received: engine.clients.totalConnections,
    total_commands_processed: engine.totalCommands,
    instantaneous_ops_per_sec: Math.floor(statistics.commandRate.perSecond),
    total_net_input_bytes: statistics.netInputBytes,
    total_net_output_bytes: statistics.netOutputBytes,
    total_net_repl_input_bytes: statistics.replicationInputBytes,
    total_net_repl_output_bytes: statistics.replicationOutputBytes,
    instantaneous_input_kbps: kilobytes(statistics.inputRate.perSecond),
    instantaneous_output_kbps: kilobytes(statistics.outputRate.perSecond),
    instantaneous_input_repl_kbps: kilobytes(statistics.replicationInputRate.perSecond),
    instantaneous_output_repl_kbps: kilobytes(statistics.replicationOutputRate.perSecond),
    rejected_connections: engine.clients.rejectedConnections,
    sync_full: statistics.sync.full,
    sync_partial_ok: statistics.sync.partialOk,
    sync_partial_err: statistics.sync.partialFailed,
  };
}

function keyspaceFields(context: ServerContext): Record<string, string | number> {
  const { keyspace, memory, clientMemory } = context.engine;
  return {
    expired_subkeys: keyspace.expiredFields,
    expired_keys: keyspace.expiredKeys,
    expired_stale_perc: '0.00',
    expired_time_cap_reached_count: keyspace.expiredTimeCapReached,
    expire_cycle_cpu_milliseconds: Math.floor(keyspace.activeExpireUsec / 1000),
    evicted_keys: keyspace.eviction.evictedKeys,
    evicted_clients: clientMemory.evictedClients,
    total_eviction_exceeded_time: Math.floor(memory.totalExceededMs),
    current_eviction_exceeded_time: Math.floor(memory.currentExceededMs),
    keyspace_hits: keyspace.hits,
    keyspace_misses: keyspace.misses,
    pubsub_channels: context.pubsub.count('channels'),
    pubsub_patterns: context.pubsub.count('patterns'),
    pubsubshard_channels: context.pubsub.count('shards'),
    latest_fork_usec: context.persistence.lastStartUsec,
    total_forks: context.persistence.startCount,
    migrate_cached_sockets: context.migrations?.linkCount ?? 0,
    slave_expires_tracked_keys: 0,
    active_defrag_hits: 0,
    active_defrag_misses: 0,
    active_defrag_key_hits: 0,
    active_defrag_key_misses: 0,
    total_active_defrag_time: 0,
    current_active_defrag_time: 0,
    tracking_total_keys: context.tracking.keyCount,
    tracking_total_items: context.tracking.itemCount,
    tracking_total_prefixes: context.tracking.prefixCount,
  };
}

function workFields(context: ServerContext): Record<string, string | number> {
  const { engine, statistics } = context;
  const { eventLoop } = statistics;
  let commandUsec = 0;
  forEachCommand(engine.commands, (command) => {
    commandUsec += command.usec;
  });
  return {
    unexpected_error_replies: statistics.unexpectedErrorReplies,
    total_error_replies: engine.totalErrorReplies,
    dump_payload_sanitizations: engine.keyspace.sanitizedPayloads,
    total_reads_processed: statistics.readsProcessed,
    total_writes_processed: statistics.writesProcessed,
    io_threaded_reads_processed: 0,
    io_threaded_writes_processed: 0,
    reply_buffer_shrinks: statistics.replyBufferShrinks,
    reply_buffer_expands: statistics.replyBufferExpands,
    eventloop_cycles: eventLoop.cycles,
    eventloop_duration_sum: eventLoop.busyUsec,
    eventloop_duration_cmd_sum: Math.floor(commandUsec),
    instantaneous_eventloop_cycles_per_sec: Math.floor(eventLoop.cycleRate.perSecond),
    instantaneous_eventloop_duration_usec: Math.floor(eventLoop.busyRate.perSecond),
    acl_access_denied_auth: statistics.aclDeniedAuth,
    acl_access_denied_cmd: statistics.aclDeniedCommand,
    acl_access_denied_key: statistics.aclDeniedKey,
    acl_access_denied_channel: statistics.aclDeniedChannel,
  };
}

export function statsSection(context: ServerContext): InfoSection {
  return {
    names: ['stats'],
    title: 'Stats',
    shown: 'by-default',
    write(lines) {
      addFields(lines, trafficFields(context));
      addFields(lines, keyspaceFields(context));
      addFields(lines, workFields(context));
    },
  };
}

export function commandStatsSection(context: ServerContext): InfoSection {
  return {
    names: ['commandstats'],
    title: 'Commandstats',
    shown: 'in-all',
    write(lines) {
      forEachCommand(context.engine.commands, (command) => {
        const { calls, rejectedCalls, failedCalls } = command;
        if (calls === 0 && rejectedCalls === 0 && failedCalls === 0) return;
        const usec = Math.floor(command.usec);
        const perCall = (calls === 0 ? 0 : usec / calls).toFixed(2);
        lines.push(
          infoLine(
            `cmdstat_${safeName(command.fullName)}`,
            `calls=${calls},usec=${usec},usec_per_call=${perCall},` +
              `rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`,
          ),
        );
      });
    },
  };
}

export function errorStatsSection(context: ServerContext): InfoSection {
  return {
    names: ['errorstats'],
    title: 'Errorstats',
    shown: 'by-default',
    write(lines) {
      const counts = [...context.engine.errorCounts].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [code, count] of counts) {
        lines.push(infoLine(`errorstat_${safeName(code)}`, `count=${count}`));
      }
    },
  };
}

/** A percentile as INFO names it: six decimals without the zeros at their end. */
function percentileName(percentile: number): string {
  return percentile.toFixed(6).replace(/\.?0+$/, '');
}

export function latencyStatsSection(context: ServerContext): InfoSection {
  return {
    names: ['latencystats'],
    title: 'Latencystats',
    shown: 'in-all',
    write(lines) {
      const { values } = context.config;
      if (!values['latency-tracking']) return;
      const percentiles = values['latency-tracking-info-percentiles'];
      forEachCommand(context.engine.commands, ({ fullName, latency }) => {
        if (latency === null) return;
        const parts = percentiles.map(
          (percentile) =>
            `p${percentileName(percentile)}=${latency.percentileUsec(percentile).toFixed(3)}`,
        );
        lines.push(infoLine(`latency_percentiles_usec_${safeName(fullName)}`, parts.join(',')));
      });
    },
  };
}
