// The tls-* options: what is missing or wrong, by name. That they take effect is seen in the
// integration tests, which make certificates.

import { expect, it } from 'vitest';
import { Config } from '../config/config.ts';
import { MemoryDisk } from '../config/memory-disk.ts';
import { TlsConfigError, tlsOptions } from './tls-options.ts';

function refusal(pairs: readonly (readonly [string, string])[]): string {
  const disk = new MemoryDisk();
  disk.folders.add('/data');
  const config = new Config({
    directory: '/data',
    resolveDirectory: disk.resolveDirectory.bind(disk),
  });
  const set = pairs.map(([name, value]): [string, string] => [name, value]);
  expect(config.set(set, { local: true, loading: false })).toBeNull();
  try {
    tlsOptions(config);
  } catch (error) {
    expect(error).toBeInstanceOf(TlsConfigError);
    return (error as Error).message;
  }
  return '';
}

const CERT = ['tls-cert-file', 'no-such-folder/a.crt'] as const;
const KEY = ['tls-key-file', 'no-such-folder/a.key'] as const;
const OPEN = ['tls-auth-clients', 'no'] as const;

it.each([
  [[OPEN], /^No tls-cert-file configured!$/],
  [[OPEN, CERT], /^No tls-key-file configured!$/],
  [[CERT, KEY], /^Either tls-ca-cert-file or tls-ca-cert-dir must be specified when /],
  [[CERT, KEY, ['tls-auth-clients', 'optional']], /^Either tls-ca-cert-file or /],
  [[OPEN, CERT, KEY, ['tls-replication', 'yes']], /^Either tls-ca-cert-file or /],
  [[OPEN, CERT, KEY], /^Failed to load no-such-folder\/a\.crt: ENOENT/],
] as const)('%j', (pairs, message) => {
  expect(refusal(pairs)).toMatch(message);
});
