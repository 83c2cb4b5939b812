// INFO's sections about the data set and what keeps it: memory, persistence, replication, keyspace.

import { averageTtlMs } from '../../keyspace/sampling.ts';
import { measureMemory, ratio } from '../memory/memory-report.ts';
import type { ServerContext } from '../server-context.ts';
import { addFields, humanBytes, type InfoSection } from './info-section.ts';
import { platformFacts } from './platform.ts';

/** Fields of scripts and functions. */
function scriptFields({ scripting }: ServerContext): Record<string, string | number> {
  const { evalStateBytes, functionStateBytes, scripts, libraries } = scripting;
  const stateBytes = evalStateBytes + functionStateBytes;
  const scriptBytes = scripts.usedBytes + libraries.usedBytes;
  return {
    used_memory_lua: evalStateBytes,
    used_memory_vm_eval: evalStateBytes,
    used_memory_lua_human: humanBytes(evalStateBytes),
    used_memory_scripts_eval: scripts.usedBytes,
    number_of_cached_scripts: scripts.count,
    number_of_functions: libraries.functionCount,
    number_of_libraries: libraries.count,
    used_memory_vm_functions: functionStateBytes,
    used_memory_vm_total: stateBytes,
    used_memory_vm_total_human: humanBytes(stateBytes),
    used_memory_functions: libraries.usedBytes,
    used_memory_scripts: scriptBytes,
    used_memory_scripts_human: humanBytes(scriptBytes),
  };
}

export function memorySection(context: ServerContext): InfoSection {
  let totalBytes = 0;
  return {
    names: ['memory'],
    title: 'Memory',
    shown: 'by-default',
    write(lines) {
      const { keyspace } = context.engine;
      const { maxmemory } = context.config.values;
      const report = measureMemory(context);
      const { usedBytes, allocatedBytes, activeBytes, mappedBytes, residentBytes } = report;
      const bytesOf = (source: string): number => report.sourceBytes.get(source) ?? 0;
      if (totalBytes === 0) totalBytes = platformFacts().totalMemoryBytes;
      addFields(lines, {
        used_memory: usedBytes,
        used_memory_human: humanBytes(usedBytes),
        used_memory_rss: residentBytes,
        used_memory_rss_human: humanBytes(residentBytes),
        used_memory_peak: report.peakBytes,
        used_memory_peak_human: humanBytes(report.peakBytes),
        used_memory_peak_perc: `${report.peakPercent.toFixed(2)}%`,
        used_memory_overhead: report.overheadBytes,
        used_memory_startup: report.startupBytes,
        used_memory_dataset: report.datasetBytes,
        used_memory_dataset_perc: `${report.datasetPercent.toFixed(2)}%`,
        allocator_allocated: allocatedBytes,
        allocator_active: activeBytes,
        allocator_resident: mappedBytes,
        total_system_memory: totalBytes,
        total_system_memory_human: humanBytes(totalBytes),
        ...scriptFields(context),
        maxmemory: Number(maxmemory),
        maxmemory_human: humanBytes(Number(maxmemory)),
        maxmemory_policy: context.config.format('maxmemory-policy'),
        allocator_frag_ratio: ratio(activeBytes, allocatedBytes).toFixed(2),
        allocator_frag_bytes: activeBytes - allocatedBytes,
        allocator_rss_ratio: ratio(mappedBytes, activeBytes).toFixed(2),
        allocator_rss_bytes: mappedBytes - activeBytes,
        rss_overhead_ratio: ratio(residentBytes, mappedBytes).toFixed(2),
        rss_overhead_bytes: residentBytes - mappedBytes,
        mem_fragmentation_ratio: ratio(residentBytes, usedBytes).toFixed(2),
        mem_fragmentation_bytes: residentBytes - usedBytes,
        mem_not_counted_for_evict: report.notCountedBytes,
        mem_replication_backlog: bytesOf('replication.backlog'),
        mem_total_replication_buffers:
          bytesOf('replication.backlog') + bytesOf('replication.buffers'),
        mem_clients_slaves: report.replicaBytes + bytesOf('replication.buffers'),
        mem_clients_normal: report.clientBytes,
        mem_cluster_links: bytesOf('cluster.links'),
        mem_aof_buffer: bytesOf('aof.buffer'),
        mem_allocator: 'arena',
        active_defrag_running: 0,
        lazyfree_pending_objects: keyspace.lazyFree.pendingObjects,
        lazyfreed_objects: keyspace.lazyFree.freedObjects,
      });
    },
  };
}

export function persistenceSection(context: ServerContext): InfoSection {
  return {
    names: ['persistence'],
    title: 'Persistence',
    shown: 'by-default',
    write: (lines) => addFields(lines, context.persistence.fields()),
  };
}

export function keyspaceSection(context: ServerContext): InfoSection {
  return {
    names: ['keyspace'],
    title: 'Keyspace',
    shown: 'by-default',
    write(lines) {
      for (const db of context.engine.keyspace.databases) {
        const keys = db.dict.count;
        if (keys === 0) continue;
        const expires = db.expires.count;
        lines.push(`db${db.id}:keys=${keys},expires=${expires},avg_ttl=${averageTtlMs(db)}`);
      }
    },
  };
}
