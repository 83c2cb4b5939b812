// What INFO tells of the machine and the process, read from Node.

import os from 'node:os';

export interface PlatformFacts {
  /** System, release and machine, as `uname` says them. */
  readonly os: string;
  readonly archBits: number;
  readonly monotonicClock: string;
  /** How the system tells of sockets that are ready. */
  readonly multiplexingApi: string;
  readonly processId: number;
  readonly totalMemoryBytes: number;
}

// That of the import: tests of a host may put another in its place.
const { performance } = globalThis;
const CLOCKS: Readonly<Record<string, string>> = {
  win32: 'QueryPerformanceCounter',
  darwin: 'mach_continuous_time',
};
const EVENT_APIS: Readonly<Record<string, string>> = {
  linux: 'epoll',
  android: 'epoll',
  win32: 'iocp',
  sunos: 'event ports',
  aix: 'pollset',
};
const ARCHITECTURES_OF_32_BITS = ['arm', 'ia32', 'mips', 'mipsel'];

/** The facts that do not change while the process lives. */
export function platformFacts(): PlatformFacts {
  return {
    os: `${os.type()} ${os.release()} ${os.machine()}`,
    archBits: ARCHITECTURES_OF_32_BITS.includes(process.arch) ? 32 : 64,
    monotonicClock: CLOCKS[process.platform] ?? 'POSIX clock_gettime',
    multiplexingApi: EVENT_APIS[process.platform] ?? 'kqueue',
    processId: process.pid,
    totalMemoryBytes: os.totalmem(),
  };
}

export interface CpuUsage {
  readonly systemUsec: number;
  readonly userUsec: number;
}

/** Processor time of the process since its start. */
export function cpuUsage(): CpuUsage {
  const { system, user } = process.cpuUsage();
  return { systemUsec: system, userUsec: user };
}

/** Processor time of the main thread, where this version of Node can tell; otherwise null. */
export function mainThreadCpuUsage(): CpuUsage | null {
  const { threadCpuUsage } = process as {
    threadCpuUsage?: () => { readonly system: number; readonly user: number };
  };
  if (threadCpuUsage === undefined) return null;
  const { system, user } = threadCpuUsage.call(process);
  return { systemUsec: system, userUsec: user };
}

/** Turns of the event loop since the process started; 0 where this version of Node cannot tell. */
export function eventLoopCycles(): number {
  const { uvMetricsInfo } = performance.nodeTiming as {
    readonly uvMetricsInfo?: { readonly loopCount: number };
  };
  return uvMetricsInfo?.loopCount ?? 0;
}

/** Microseconds that the event loop was busy since the process started. */
export function eventLoopBusyUsec(): number {
  return Math.round(performance.eventLoopUtilization().active * 1000);
}
