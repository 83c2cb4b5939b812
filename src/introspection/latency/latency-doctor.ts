// LATENCY DOCTOR: what was slow, and what to do about it, in words.

import type { LatencyEvent } from './latency-monitor.ts';

/** The settings that the advice depends on. */
export interface LatencySettings {
  readonly thresholdMs: number;
  /** Negative: the slow log is off. */
  readonly slowlogThresholdUsec: number;
  readonly hz: number;
}

const LOAD =
  'Commands that should be fast were not: the process got too little processor time. ' +
  'Look for other programs on the machine, for noisy neighbours, and for swapping.';
const DISK =
  'The disk was slow. Use a local SSD for persistence, and keep other work away from it.';

function adviceFor(event: string, settings: LatencySettings): string[] {
  const { thresholdMs, slowlogThresholdUsec, hz } = settings;
  if (event === 'command') {
    const advice = [
      'Look into SLOWLOG GET for the commands that took long. Large values that are deleted or ' +
        'read at once are often the reason: split them, or delete them with UNLINK.',
    ];
    const setting = `CONFIG SET slowlog-log-slower-than ${thresholdMs * 1000}`;
    if (slowlogThresholdUsec < 0) advice.unshift(`The slow log is off. Switch it on: ${setting}.`);
    else if (slowlogThresholdUsec / 1000 > thresholdMs) {
      advice.unshift(`The slow log keeps less than is measured here. Lower its limit: ${setting}.`);
    }
    return advice;
  }
  if (event === 'fast-command') return [LOAD];
  if (event === 'expire-cycle') {
    const advice = ['Many keys expire at the same moment: spread their times to live.'];
    if (hz < 100) advice.push('Expiry can be done in smaller steps: CONFIG SET hz 100.');
    return advice;
  }
  if (event.startsWith('eviction')) {
    return ['Much had to be evicted at once. Raise maxmemory, or change it in small steps.'];
  }
  if (event.startsWith('aof') || event.startsWith('rdb')) return [DISK];
  return [];
}

/** The report on all events that were recorded. */
export function latencyReport(
  events: ReadonlyMap<string, LatencyEvent>,
  settings: LatencySettings,
  nowSeconds: number,
): string {
  if (events.size === 0) {
    if (settings.thresholdMs !== 0) return 'No event was slower than the limit. All is well.\n';
    return (
      'Latency is not watched. Use CONFIG SET latency-monitor-threshold <milliseconds> to ' +
      'record every event that takes longer than that.\n'
    );
  }
  const lines = ['These events were slower than the limit:', ''];
  const advice = new Set<string>();
  let number = 0;
  for (const [name, event] of events) {
    const { count, averageMs, deviationMs, periodSeconds } = event.analyze(nowSeconds);
    const period = (periodSeconds / count).toFixed(2);
    lines.push(
      `${++number}. ${name}: ${count} latency spikes (average ${averageMs}ms, mean deviation ` +
        `${deviationMs}ms, period ${period} sec). Worst all time event ${event.worstMs}ms.`,
    );
    for (const one of adviceFor(name, settings)) advice.add(one);
  }
  if (advice.size > 0) lines.push('', 'What may help:', '');
  for (const one of advice) lines.push(`- ${one}`);
  return lines.map((line) => `${line}\n`).join('');
}
