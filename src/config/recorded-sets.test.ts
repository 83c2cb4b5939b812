// CONFIG SET of one value against Redis 7.2.5: its answers were recorded from the real server.
// `is`: accepted, and CONFIG GET shows the text; `no`: refused for the reason. Each is set from the
// default.
import { describe, expect, test } from 'vitest';
import { Config } from './config.ts';
import { MemoryDisk } from './memory-disk.ts';

type Answer = readonly [value: string, verdict: 'is' | 'no', text: string];

const RECORDED: readonly (readonly [name: string, answers: readonly Answer[]])[] = [
  [
    'timeout',
    [
      ['', 'no', "argument couldn't be parsed into an integer"],
      [' 1', 'no', "argument couldn't be parsed into an integer"],
      ['1 ', 'no', "argument couldn't be parsed into an integer"],
      ['01', 'no', "argument couldn't be parsed into an integer"],
      ['+1', 'no', "argument couldn't be parsed into an integer"],
      ['-1', 'no', 'argument must be between 0 and 2147483647 inclusive'],
      ['1.5', 'no', "argument couldn't be parsed into an integer"],
      ['2147483647', 'is', '2147483647'],
      ['2147483648', 'no', 'argument must be between 0 and 2147483647 inclusive'],
      ['99999999999999999999', 'no', "argument couldn't be parsed into an integer"],
      ['7', 'is', '7'],
    ],
  ],
  [
    'list-max-listpack-size',
    [
      ['-2147483648', 'is', '-2147483648'],
      ['-2147483649', 'no', 'argument must be between -2147483648 and 2147483647 inclusive'],
      ['-5', 'is', '-5'],
    ],
  ],
  [
    'slowlog-log-slower-than',
    [
      ['-1', 'is', '-1'],
      ['-2', 'no', 'argument must be between -1 and 9223372036854775807 inclusive'],
      ['9223372036854775807', 'is', '9223372036854775807'],
      ['9223372036854775808', 'no', "argument couldn't be parsed into an integer"],
    ],
  ],
  [
    'maxmemory',
    [
      ['', 'is', '0'],
      ['1', 'is', '1'],
      ['1k', 'is', '1000'],
      ['1kb', 'is', '1024'],
      ['1Mb', 'is', '1048576'],
      ['1GB', 'is', '1073741824'],
      ['1tb', 'no', 'argument must be a memory value'],
      ['kb', 'is', '0'],
      ['-1', 'no', 'argument must be a memory value'],
      ['1.5gb', 'no', 'argument must be a memory value'],
      ['18446744073709551615', 'is', '18446744073709551615'],
      ['99999999999999999999', 'is', '18446744073709551615'],
      ['17179869184gb', 'is', '0'],
      ['5%', 'no', 'argument must be a memory value'],
    ],
  ],
  [
    'proto-max-bulk-len',
    [
      ['1mb', 'is', '1048576'],
      ['1048575', 'no', 'argument must be between 1048576 and 9223372036854775807 inclusive'],
      ['9223372036854775807', 'is', '9223372036854775807'],
      [
        '9223372036854775808',
        'no',
        'argument must be between 1048576 and 9223372036854775807 inclusive',
      ],
    ],
  ],
  [
    'maxmemory-clients',
    [
      ['50%', 'is', '50%'],
      ['100%', 'is', '100%'],
      ['101%', 'no', 'percentage argument must be less or equal to 100'],
      ['-5%', 'no', 'argument must be a memory or percent value'],
      ['%', 'no', 'argument must be a memory or percent value'],
      ['00%', 'no', 'argument must be a memory or percent value'],
      ['0%', 'is', '0'],
      ['x', 'no', 'argument must be a memory or percent value'],
      ['1gb', 'is', '1073741824'],
      ['9223372036854775808', 'no', 'percentage argument must be less or equal to 100'],
    ],
  ],
  [
    'client-query-buffer-limit',
    [
      ['1mb', 'is', '1048576'],
      ['1', 'no', 'argument must be between 1048576 and 9223372036854775807 inclusive'],
      ['x', 'no', 'argument must be a memory value'],
    ],
  ],
  [
    'hz',
    [
      ['0', 'is', '1'],
      ['1000', 'is', '500'],
      ['100', 'is', '100'],
      ['-1', 'no', 'argument must be between 0 and 2147483647 inclusive'],
    ],
  ],
  [
    'repl-backlog-size',
    [
      ['1', 'is', '16384'],
      ['0', 'no', 'argument must be between 1 and 9223372036854775807 inclusive'],
      ['1mb', 'is', '1048576'],
    ],
  ],
  ['unixsocketperm', [['777', 'no', "can't set immutable config"]]],
  ['databases', [['5', 'no', "can't set immutable config"]]],
  ['replicaof', [['no one', 'no', "can't set immutable config"]]],
  [
    'rdbcompression',
    [
      ['YES', 'is', 'yes'],
      ['no', 'is', 'no'],
      ['y', 'no', "argument must be 'yes' or 'no'"],
      ['1', 'no', "argument must be 'yes' or 'no'"],
      ['', 'no', "argument must be 'yes' or 'no'"],
    ],
  ],
  [
    'appendfsync',
    [
      ['ALWAYS', 'is', 'always'],
      ['sometimes', 'no', 'argument(s) must be one of the following: everysec, always, no'],
      ['', 'no', 'argument(s) must be one of the following: everysec, always, no'],
    ],
  ],
  [
    'maxmemory-policy',
    [
      ['allkeys-lru', 'is', 'allkeys-lru'],
      [
        'lru',
        'no',
        'argument(s) must be one of the following: volatile-lru, volatile-lfu, ' +
          'volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction',
      ],
    ],
  ],
  [
    'oom-score-adj',
    [
      ['relative', 'is', 'yes'],
      ['abs', 'no', 'argument(s) must be one of the following: no, yes, relative, absolute'],
    ],
  ],
  [
    'shutdown-on-sigterm',
    [
      ['save nosave', 'no', "shutdown options SAVE and NOSAVE can't be used simultaneously"],
      [
        'now  force',
        'no',
        'argument(s) must be one of the following: default, save, nosave, now, force',
      ],
      ['force now', 'is', 'now force'],
      ['default', 'is', 'default'],
      ['default save', 'is', 'save'],
      ['nosave now', 'is', 'nosave now'],
      ['foo', 'no', 'argument(s) must be one of the following: default, save, nosave, now, force'],
      ['', 'no', 'argument(s) must be one of the following: default, save, nosave, now, force'],
    ],
  ],
  [
    'save',
    [
      ['', 'is', ''],
      ['900 1', 'is', '900 1'],
      ['900', 'no', 'Invalid save parameters'],
      ['0 1', 'no', 'Invalid save parameters'],
      ['1 -1', 'no', 'Invalid save parameters'],
      ['900  1', 'no', 'Invalid save parameters'],
      ['900 ', 'is', '900 0'],
      ['1 4294967297', 'is', '1 1'],
      ['a b', 'no', 'Invalid save parameters'],
      ['3600 1 300 100', 'is', '3600 1 300 100'],
    ],
  ],
  [
    'client-output-buffer-limit',
    [
      ['', 'is', 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'],
      [
        'normal 1mb 2kb 60',
        'is',
        'normal 1048576 2048 60 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
      ],
      ['replica 1 2 3 pubsub 4 5 6', 'is', 'normal 0 0 0 slave 1 2 3 pubsub 4 5 6'],
      ['slave 7 8 9', 'is', 'normal 0 0 0 slave 7 8 9 pubsub 33554432 8388608 60'],
      ['master 0 0 0', 'no', 'Invalid client class specified in buffer limit configuration.'],
      ['normal 0 0', 'no', 'Wrong number of arguments in buffer limit configuration.'],
      [
        'normal a 0 0',
        'no',
        'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
      ],
      [
        'normal 0 0 -1',
        'no',
        'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
      ],
      [
        'normal 0 0 x',
        'no',
        'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
      ],
      ['foo 0 0 0', 'no', 'Invalid client class specified in buffer limit configuration.'],
    ],
  ],
  [
    'oom-score-adj-values',
    [
      ['1 2 3', 'is', '1 2 3'],
      ['0 0', 'no', 'wrong number of arguments'],
      ['-2001 0 0', 'no', 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.'],
      ['a b c', 'no', 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.'],
      ['', 'no', 'wrong number of arguments'],
    ],
  ],
  [
    'notify-keyspace-events',
    [
      ['KEA', 'is', 'AKE'],
      ['AKE', 'is', 'AKE'],
      ['g$lshzxetdn', 'is', 'A'],
      ['An', 'is', 'A'],
      ['KEx', 'is', 'xKE'],
      ['Q', 'no', "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."],
      ['', 'is', ''],
      ['nKEm', 'is', 'nKEm'],
    ],
  ],
  [
    'latency-tracking-info-percentiles',
    [
      ['50 99 99.9', 'is', '50 99 99.9'],
      ['99.1234567', 'is', '99.123457'],
      ['', 'is', ''],
      ['101', 'no', 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]'],
      ['-1', 'no', 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]'],
      ['nan', 'no', 'Invalid latency-tracking-info-percentiles parameters'],
      ['inf', 'no', 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]'],
      ['x', 'no', 'Invalid latency-tracking-info-percentiles parameters'],
      ['0x1p3', 'is', '8'],
      ['1e1', 'is', '10'],
      ['50 ', 'no', 'Invalid latency-tracking-info-percentiles parameters'],
    ],
  ],
  ['bind', [[Array(17).fill('127.0.0.1').join(' '), 'no', 'Too many bind addresses specified.']]],
  [
    'dbfilename',
    [
      ['a/b', 'no', "dbfilename can't be a path, just a filename"],
      ['a\\b', 'no', "dbfilename can't be a path, just a filename"],
      ['x.rdb', 'is', 'x.rdb'],
      ['', 'is', ''],
    ],
  ],
  [
    'proc-title-template',
    [
      ['{title} {port}', 'is', '{title} {port}'],
      ['{nope}', 'no', 'template format is invalid or contains unknown variables'],
      ['{title', 'no', 'template format is invalid or contains unknown variables'],
      ['', 'no', 'template format is invalid or contains unknown variables'],
      ['{server-mode}', 'no', 'template format is invalid or contains unknown variables'],
      ['a{{b', 'is', 'a{{b'],
    ],
  ],
  [
    'cluster-announce-hostname',
    [
      ['a.b-c', 'is', 'a.b-c'],
      ['under_score', 'no', 'Hostnames may only contain alphanumeric characters, hyphens or dots'],
      ['a'.repeat(256), 'no', 'Hostnames must be less than 256 characters'],
      ['a'.repeat(255), 'is', 'a'.repeat(255)],
      ['', 'is', ''],
    ],
  ],
  [
    'cluster-announce-human-nodename',
    [
      ['n1', 'is', 'n1'],
      ['a!b', 'no', 'Announced human node name contained invalid character'],
      ['a b', 'is', 'a b'],
    ],
  ],
  [
    'masterauth',
    [
      ['x\x00y', 'is', 'x\x00y'],
      ['', 'is', ''],
    ],
  ],
  [
    'masteruser',
    [
      ['x\x00y', 'is', 'x'],
      ['', 'is', ''],
    ],
  ],
  [
    'locale-collate',
    [
      ['C', 'is', 'C'],
      ['nope', 'no', 'Invalid locale name'],
      ['', 'is', ''],
    ],
  ],
  [
    'activedefrag',
    [
      [
        'yes',
        'no',
        'Active defragmentation cannot be enabled: it requires a Redis server compiled with a ' +
          'modified Jemalloc like the one shipped by default with the Redis source distribution',
      ],
      ['no', 'is', 'no'],
    ],
  ],
  [
    'hash-max-ziplist-value',
    [
      ['1kb', 'is', '1024'],
      ['x', 'no', 'argument must be a memory value'],
    ],
  ],
];

describe.each(RECORDED)('CONFIG SET %s', (name, answers) => {
  test.each(answers)('%j', (value, verdict, text) => {
    const disk = new MemoryDisk();
    const config = new Config({
      directory: '/',
      resolveDirectory: disk.resolveDirectory.bind(disk),
    });
    config.override('enable-protected-configs', 'yes');
    const before = config.getMatching([name]);
    const result = config.set([[name, value]], { local: true, loading: false });
    if (verdict === 'is') {
      expect(result).toBeNull();
      expect(config.getMatching([name])).toEqual([[name, text]]);
    } else {
      const message = `CONFIG SET failed (possibly related to argument '${name}') - ${text}`;
      expect(result).toEqual({ code: 'ERR', message });
      expect(config.getMatching([name])).toEqual(before);
    }
  });
});
