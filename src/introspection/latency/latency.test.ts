// LATENCY: recording by the second, history, graph, report, histograms.

import { describe, expect, it } from 'vitest';
import { stringCommands } from '../../commands/string/index.ts';
import { FakeContext } from '../testing/fake-context.ts';
import { ageText, latencyGraph } from './latency-graph.ts';
import { LatencyEvent } from './latency-monitor.ts';

const NOW_SECONDS = 1_700_000_000;

function watching(): FakeContext {
  const context = new FakeContext(stringCommands);
  context.harness.run('CONFIG', 'SET', 'latency-monitor-threshold', 10);
  return context;
}

it('keeps the worst of each second and the worst of all', () => {
  const context = watching();
  const { harness: h } = context;
  const { latency } = context.statistics;
  latency.record('command', 9.9, h.clock.ms);
  expect(h.run('LATENCY', 'LATEST')).toEqual([]);
  latency.record('command', 50.7, h.clock.ms);
  latency.record('command', 20, h.clock.ms);
  h.clock.advance(1000);
  latency.record('command', 30, h.clock.ms);
  latency.record('fork', 10, h.clock.ms);
  expect(h.run('LATENCY', 'HISTORY', 'command')).toEqual([
    [NOW_SECONDS, 50],
    [NOW_SECONDS + 1, 30],
  ]);
  expect(h.run('LATENCY', 'HISTORY', 'nosuch')).toEqual([]);
  expect(h.run('LATENCY', 'LATEST')).toEqual([
    ['command', NOW_SECONDS + 1, 30, 50],
    ['fork', NOW_SECONDS + 1, 10, 10],
  ]);
  expect(h.run('LATENCY', 'RESET', 'COMMAND', 'nosuch')).toBe(1);
  expect(h.run('LATENCY', 'RESET')).toBe(1);
  expect(h.run('LATENCY', 'LATEST')).toEqual([]);
});

it('records commands by whether they should be fast', () => {
  const context = watching();
  const { engine, harness: h } = context;
  const observe = (name: string): void => {
    const command = engine.commands.get(name)!;
    h.run('GET', 'x');
    engine.timer.observer?.onExecuted(h.client, command, { count: 0 } as never, 15_000);
  };
  h.run('CONFIG', 'SET', 'slowlog-log-slower-than', -1);
  observe('get');
  observe('set');
  const names = (h.run('LATENCY', 'LATEST') as unknown[][]).map(([name]) => name);
  expect(names).toEqual(['fast-command', 'command']);
});

it('forgets the oldest of more than 160 samples', () => {
  const event = new LatencyEvent();
  for (let i = 0; i < 200; i++) event.add(i === 0 ? 999 : 10, i);
  expect(event.samples).toHaveLength(160);
  expect(event.samples[0]?.timeSeconds).toBe(40);
  expect(event.worstMs).toBe(999);
});

describe('GRAPH', () => {
  it('draws what Redis draws', () => {
    const event = new LatencyEvent();
    for (const [i, ms] of [100, 250, 400, 150].entries()) event.add(ms, NOW_SECONDS + i);
    expect(latencyGraph('command', event, NOW_SECONDS + 62)).toBe(
      'command - high 400 ms, low 100 ms (all time high 400 ms)\n' +
        `${'-'.repeat(80)}\n` +
        '  # \n' +
        ' _| \n' +
        ' || \n' +
        '_||#\n' +
        '    \n' +
        '1115\n' +
        'mmm9\n' +
        '   s\n',
    );
  });

  it('needs an event', () => {
    const { harness: h } = watching();
    expect(h.run('LATENCY', 'GRAPH', 'nosuch')).toEqual({
      error: "ERR No samples available for event 'nosuch'",
    });
  });

  it('tells ages in the largest unit', () => {
    expect([59, 60, 3600, 86400].map(ageText)).toEqual(['59s', '1m', '1h', '1d']);
  });
});

it('reports in words', () => {
  const context = new FakeContext(stringCommands);
  const { harness: h } = context;
  expect(h.run('LATENCY', 'DOCTOR')).toContain('Latency is not watched');
  h.run('CONFIG', 'SET', 'latency-monitor-threshold', 5);
  expect(h.run('LATENCY', 'DOCTOR')).toContain('All is well');
  context.statistics.latency.record('command', 10, h.clock.ms);
  h.clock.advance(4000);
  context.statistics.latency.record('command', 20, h.clock.ms);
  const report = String(h.run('LATENCY', 'DOCTOR'));
  expect(report).toContain(
    '1. command: 2 latency spikes (average 15ms, mean deviation 5ms, period 2.00 sec). ' +
      'Worst all time event 20ms.',
  );
  expect(report).toContain('CONFIG SET slowlog-log-slower-than 5000');
});

it('shows histograms of commands and of all subcommands of a container', () => {
  const { harness: h } = new FakeContext(stringCommands);
  h.run('SET', 'a', 'b');
  h.run('SET', 'a', 'b');
  h.run('CONFIG', 'GET', 'hz');
  expect(h.run('LATENCY', 'HISTOGRAM', 'set', 'nosuch', 'get')).toEqual([
    'set',
    ['calls', 2, 'histogram_usec', [1, 2]],
  ]);
  h.client.resp3 = true;
  expect(h.run('LATENCY', 'HISTOGRAM', 'config')).toEqual({
    map: [
      [
        'config|get',
        {
          map: [
            ['calls', 1],
            ['histogram_usec', { map: [[1, 1]] }],
          ],
        },
      ],
    ],
  });
  const all = h.run('LATENCY', 'HISTOGRAM') as { map: [string, unknown][] };
  expect(all.map.map(([name]) => name).sort()).toEqual(['config|get', 'latency|histogram', 'set']);
});
