import { expect, it } from 'vitest';
import { fitMaxClients, openFilesLimit } from './open-files.ts';

const LIMITS =
  'Limit                     Soft Limit           Hard Limit           Units\n' +
  'Max processes             94906                94906                processes\n' +
  'Max open files            1024                 524288               files\n';

it('reads what the system allows, where it tells', () => {
  const asked: string[] = [];
  const read = (path: string): string => {
    asked.push(path);
    return LIMITS;
  };
  expect(openFilesLimit(read)).toBe(1024);
  expect(asked).toEqual(['/proc/self/limits']);
  expect(openFilesLimit(() => null)).toBe(null);
  const unlimited = LIMITS.replace('1024 ', 'unlimited ');
  expect(openFilesLimit(() => unlimited)).toBe(null);
});

it('refuses a start with too few files for any client', () => {
  const config = { values: { maxclients: 50 }, onChange: () => undefined };
  const server = { config, log: () => undefined } as unknown as Parameters<typeof fitMaxClients>[0];
  expect(fitMaxClients(server, 32)).toBe(
    "Your current 'ulimit -n' of 32 is not enough for the server to start. Please increase your " +
      'open file limit to at least 82. Exiting.',
  );
  expect(fitMaxClients(server, 82)).toBe(null);
  expect(fitMaxClients(server, null)).toBe(null);
});
