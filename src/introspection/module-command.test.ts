// MODULE where no module can be loaded: the replies of redis-server 7.0.15 to libraries that do not
// exist, and what is told to the log.

import { expect, it } from 'vitest';
import { protectionCheck } from './index.ts';
import { FakeContext } from './testing/fake-context.ts';

const FAILED = { error: 'ERR Error loading the extension. Please check the server logs.' };

it('lists none, loads none and unloads none', () => {
  const context = new FakeContext();
  const { harness: h } = context;
  expect(h.run('MODULE', 'LIST')).toEqual([]);
  expect(h.run('MODULE', 'LOAD', '/no/such.so', 'x')).toEqual(FAILED);
  expect(h.run('MODULE', 'LOADEX', '/no/such.so', 'CONFIG', 'a', 'b', 'ARGS', 'x')).toEqual(FAILED);
  expect(h.run('MODULE', 'LOADEX', '/no/such.so', 'CONFIG', 'a')).toEqual(FAILED);
  expect(h.run('MODULE', 'LOADEX', '/no/such.so', 'BOGUS')).toEqual(FAILED);
  expect(h.run('MODULE', 'UNLOAD', 'x')).toEqual({
    error: 'ERR Error unloading module: no such module with that name',
  });
  expect(context.logged).toEqual([
    'warning Module /no/such.so failed to load: this server cannot load native modules',
    'warning Module /no/such.so failed to load: this server cannot load native modules',
    'notice CONFIG specified without name value pair',
    'notice Syntax Error from arguments to loadex around BOGUS.',
    'warning Error unloading module x: no such module with that name',
  ]);
});

it('is closed unless enable-module-command opens it', () => {
  const context = new FakeContext();
  const { harness: h } = context;
  context.engine.protection = protectionCheck(context);
  expect(h.run('MODULE', 'LOAD', 'x')).toEqual({
    error:
      'ERR MODULE command not allowed. If the enable-module-command option is set to "local", ' +
      'you can run it from a local connection, otherwise you need to set this option in the ' +
      'configuration file, and then restart the server.',
  });
  expect(h.run('MODULE', 'LIST')).toEqual([]);
});
