// INFO's sections about the server itself: server, clients, cpu, modules, cluster, debug.

import { lruClock } from '../../keyspace/access-clock.ts';
import { buildId } from '../../runtime/build-id.ts';
import { DISGO_VERSION, REDIS_VERSION } from '../../version.ts';
import type { ListenerInfo, ServerContext } from '../server-context.ts';
import { addFields, type InfoSection, infoLine } from './info-section.ts';
import { cpuUsage, mainThreadCpuUsage, type PlatformFacts, platformFacts } from './platform.ts';

const BUILD_ID = buildId(DISGO_VERSION);

const SECONDS_PER_DAY = 86400;
/** Listeners are numbered by their kind. */
const LISTENER_KINDS = ['tcp', 'unix', 'tls'];

function listenerLine({ name, addresses, port }: ListenerInfo): string {
  const binds = addresses.map((address) => `,bind=${address}`).join('');
  const value = `name=${name}${binds}${port === 0 ? '' : `,port=${port}`}`;
  return infoLine(`listener${LISTENER_KINDS.indexOf(name)}`, value);
}

export function serverSection(context: ServerContext): InfoSection {
  let facts: PlatformFacts | null = null;
  return {
    names: ['server'],
    title: 'Server',
    shown: 'by-default',
    write(lines) {
      const { values } = context.config;
      const nowMs = context.clock.nowMs();
      const uptimeSeconds = Math.floor((nowMs - context.startedMs) / 1000);
      facts ??= platformFacts();
      addFields(lines, {
        redis_version: REDIS_VERSION,
        server_name: 'disgo',
        disgo_version: DISGO_VERSION,
        redis_git_sha1: '00000000',
        redis_git_dirty: 0,
        redis_build_id: BUILD_ID,
        redis_mode: 'standalone',
        os: facts.os,
        arch_bits: facts.archBits,
        monotonic_clock: facts.monotonicClock,
        multiplexing_api: facts.multiplexingApi,
        atomicvar_api: 'none',
        gcc_version: '0.0.0',
        process_id: facts.processId,
        process_supervised: context.supervisor,
        run_id: context.runId,
        tcp_port: context.port,
        server_time_usec: context.clock.nowUsec(),
        uptime_in_seconds: uptimeSeconds,
        uptime_in_days: Math.floor(uptimeSeconds / SECONDS_PER_DAY),
        hz: values.hz,
        configured_hz: values.hz,
        lru_clock: lruClock(nowMs),
        executable: context.executable,
        config_file: context.configFile,
        io_threads_active: 0,
      });
      for (const listener of context.listeners) lines.push(listenerLine(listener));
      const waitMs = context.shutdownInMs ?? null;
      if (waitMs !== null) lines.push(infoLine('shutdown_in_milliseconds', waitMs));
    },
  };
}

export function clientsSection(context: ServerContext): InfoSection {
  return {
    names: ['clients'],
    title: 'Clients',
    shown: 'by-default',
    write(lines) {
      const { clients, blocking, lateWaits } = context.engine;
      let inputBytes = 0;
      let outputBytes = 0;
      let blockedCount = 0;
      let otherCount = 0;
      for (const client of clients.all()) {
        const sizes = client.transport.bufferSizes();
        inputBytes = Math.max(inputBytes, sizes.queryBytes + sizes.queryFreeBytes);
        outputBytes = Math.max(outputBytes, sizes.outputBytes);
        if (client.hold !== 'none') blockedCount++;
        if (client.replica !== null || client.isMaster) otherCount++;
      }
      addFields(lines, {
        connected_clients: clients.count - otherCount,
        cluster_connections: 0,
        maxclients: context.config.values.maxclients,
        client_recent_max_input_buffer: inputBytes,
        client_recent_max_output_buffer: outputBytes,
        blocked_clients: blockedCount,
        tracking_clients: context.tracking.clientCount,
        clients_in_timeout_table: blocking.timedCount + lateWaits.timedCount,
        total_blocking_keys: blocking.keyCount,
        total_blocking_keys_on_nokey: blocking.deletionKeyCount,
      });
    },
  };
}

function seconds(usec: number): string {
  return (usec / 1e6).toFixed(6);
}

export function cpuSection(): InfoSection {
  return {
    names: ['cpu'],
    title: 'CPU',
    shown: 'by-default',
    write(lines) {
      const { systemUsec, userUsec } = cpuUsage();
      addFields(lines, {
        used_cpu_sys: seconds(systemUsec),
        used_cpu_user: seconds(userUsec),
        used_cpu_sys_children: seconds(0),
        used_cpu_user_children: seconds(0),
      });
      const main = mainThreadCpuUsage();
      if (main === null) return;
      addFields(lines, {
        used_cpu_sys_main_thread: seconds(main.systemUsec),
        used_cpu_user_main_thread: seconds(main.userUsec),
      });
    },
  };
}

/** There are no modules: the section is a title. */
export function modulesSection(): InfoSection {
  return { names: ['module_list', 'modules'], title: 'Modules', shown: 'by-default', write() {} };
}

export function clusterSection(): InfoSection {
  return {
    names: ['cluster'],
    title: 'Cluster',
    shown: 'by-default',
    write: (lines) => addFields(lines, { cluster_enabled: 0 }),
  };
}

/** What is told of the event loop when asked by name. */
export function debugSection(context: ServerContext): InfoSection {
  return {
    names: ['debug'],
    title: 'Debug',
    shown: 'when-named',
    write(lines) {
      const { eventLoop } = context.statistics;
      const { turns } = context.engine.timer;
      addFields(lines, {
        eventloop_duration_aof_sum: Math.floor(context.persistence.aofWriteMs * 1000),
        eventloop_duration_cron_sum: Math.floor(eventLoop.cronMs * 1000),
        eventloop_duration_max: Math.floor(turns.longestMs * 1000),
        eventloop_cmd_per_cycle_max: turns.mostCommands,
      });
    },
  };
}
