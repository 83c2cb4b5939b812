// What another process has used: CPU time and resident memory, read from the operating system.
// Linux answers to the nanosecond from /proc; macOS and the BSDs through `ps`, to 10 ms; on Windows
// nothing here works and every function returns undefined, which callers print as "not available".
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time of a live process in nanoseconds, all threads, user and system together.
 * Threads that have ended are not counted on Linux: servers keep theirs.
 * @returns undefined where the platform does not tell, or the process is gone.
 */
export function cpuTimeNs(pid: number): number | undefined {
  if (process.platform === 'linux') return linuxCpuTimeNs(pid);
  const text = ps(pid, 'time');
  if (text === undefined) return undefined;
  // [[days-]hours:]minutes:seconds[.hundredths]
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const total = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return total * 1e9;
}

function linuxCpuTimeNs(pid: number): number | undefined {
  try {
    let total = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1');
      total += Number(text.split(' ')[0]);
    }
    return total;
  } catch {
    return linuxTickTimeNs(pid);
  }
}

/** Kernels without scheduler statistics still count ticks: utime and stime, 10 ms each. */
function linuxTickTimeNs(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 1e7;
  } catch {
    return undefined;
  }
}

/** Resident memory of a live process in bytes; undefined where the platform does not tell. */
export function residentBytes(pid: number): number | undefined {
  if (process.platform === 'linux') {
    try {
      const text = readFileSync(`/proc/${pid}/status`, 'latin1');
      const match = /^VmRSS:\s+(\d+) kB$/m.exec(text);
      return match === null ? undefined : Number(match[1]) * 1024;
    } catch {
      return undefined;
    }
  }
  const text = ps(pid, 'rss');
  return text === undefined ? undefined : Number(text) * 1024;
}

function ps(pid: number, field: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const text = execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' });
    return text.trim() === '' ? undefined : text.trim();
  } catch {
    return undefined;
  }
}
