// The package as CommonJS gets it: by require(), which in jest knows nothing of modules, with the
// declarations for it (src/index.d.cts).

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction, createContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as common from '../../src/index.cjs';
import type * as modules from '../../src/index.ts';
import { RespClient } from '../support/client.ts';
import { repositoryRoot } from '../support/programs.ts';
import { buildFirst } from './support.ts';

type Library = Omit<typeof common, 'default'>;

const nodeRequire = createRequire(join(repositoryRoot, 'package.json'));
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** What jest gives a test of Node's, but for what is the language's own. */
const OF_NODE = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
  performance,
  process,
  Buffer,
  Uint8Array,
  ArrayBuffer,
  URL,
};

beforeAll(buildFirst);

/** Loads a file as jest does: a function in a context of its own, without import. */
function loadAsJest(filename: string, context: object): object {
  const module = { exports: {} };
  const requireNext = (id: string): unknown =>
    id.startsWith('.') ? loadAsJest(join(dirname(filename), id), context) : nodeRequire(id);
  const code = readFileSync(filename, 'utf8');
  const run = compileFunction(code, PARAMETERS, { filename, parsingContext: context });
  run(module.exports, requireNext, module, filename, dirname(filename));
  return module.exports;
}

async function setAndGet({ createServer }: Library): Promise<string> {
  const options: common.ServerOptions = { port: 0, seed: 1 };
  const server: common.DisgoServer = await createServer(options);
  try {
    await using client = await RespClient.connect({ port: server.port });
    await client.expectText('SET', 'k', 'v');
    return await client.expectText('EVAL', 'return redis.call("GET", KEYS[1])', '1', 'k');
  } finally {
    await server.close();
  }
}

describe('require', () => {
  it('gives what import gives', async () => {
    const library: typeof modules = nodeRequire('disgo') as Library;
    expect(nodeRequire.resolve('disgo')).toMatch(/\.cjs$/);
    const names: (keyof typeof modules)[] = [
      'DISGO_VERSION',
      'DisgoError',
      'REDIS_VERSION',
      'createServer',
    ];
    expect(Object.keys(library).sort()).toEqual(names);
    expect(await setAndGet(library)).toBe('v');
    // @ts-expect-error the declarations know which options there are
    const wrong: common.ServerOptions = { nope: 1 };
    const error = await library.createServer(wrong).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(library.DisgoError);
    const code: common.DisgoErrorCode = (error as common.DisgoError).code;
    expect(code).toBe('DISGO_BAD_OPTION');
  });

  it('needs no modules in a context of its own, as in jest', async () => {
    const context = createContext({ ...OF_NODE });
    const library = loadAsJest(nodeRequire.resolve('disgo'), context) as Library;
    expect(await setAndGet(library)).toBe('v');
  });
});
