// WATCH beside the real server: a client watches one of the keys that a random command of another
// client names; whether its EXEC then fails must be the same on both servers, whatever the command.

import { expect } from 'vitest';
import { Draw } from '../oracle/draw.ts';
import type { CommandGrammar } from '../oracle/grammar.ts';
import { dataGroups, grammars } from '../oracle/grammars/index.ts';
import type { RespClient } from '../support/client.ts';
import { encodeCommand } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { itWith, startOurs } from './support.ts';

const STEPS_PER_GROUP = 800;
/** They wait, leave the database, or change what chance or the time chooses. */
const LEFT_OUT = /^(select|b(l|r|z)|spop|randomkey|config|debug|xreadgroup|xread$|client)/i;

class Side {
  readonly #watcher: RespClient;
  readonly #writer: RespClient;

  private constructor(watcher: RespClient, writer: RespClient) {
    this.#watcher = watcher;
    this.#writer = writer;
  }

  static async connect(server: RunningServer): Promise<Side> {
    const side = new Side(await server.client(), await server.client());
    await side.#writer.expectText('FLUSHALL');
    // What has expired goes when somebody looks, at the same step on both servers.
    await side.#writer.expectText('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    return side;
  }

  /** @returns whether EXEC failed after a command that ran while the key was watched. */
  async fails(key: string, command: readonly string[]): Promise<boolean> {
    const bytes = (part: string): Buffer => Buffer.from(part, 'latin1');
    await this.#watcher.command('WATCH', bytes(key));
    this.#writer.write(encodeCommand(command.map(bytes)));
    await this.#writer.read();
    const [, , reply] = await this.#watcher.pipeline([['MULTI'], ['PING'], ['EXEC']]);
    return reply?.type === 'null';
  }

  async close(): Promise<void> {
    await this.#watcher.close();
    await this.#writer.close();
  }
}

function drawCommand(draw: Draw, commands: readonly CommandGrammar[]): string[] {
  const chosen = draw.pick(commands);
  return [chosen.name, ...chosen.args(draw)];
}

itWith('redis-server', 'fails EXEC exactly where the real server does', async (path) => {
  const args = ['--save', '', '--enable-debug-command', 'yes'];
  await using real = await startServer({ command: [path], args });
  await using ours = await startOurs({ args });
  for (const group of dataGroups) {
    const grammar = grammars.find((each) => each.group === group);
    const commands = grammar?.commands.filter(({ name }) => !LEFT_OUT.test(name)) ?? [];
    const [a, b] = [await Side.connect(ours), await Side.connect(real)];
    const draw = new Draw(dataGroups.indexOf(group) + 1);
    let failed = 0;
    for (let i = 0; i < STEPS_PER_GROUP; i++) {
      const command = drawCommand(draw, commands);
      const key = command[draw.chance(0.7) ? 1 : 2] ?? 'a';
      const outcomes = [await a.fails(key, command), await b.fails(key, command)];
      expect(outcomes[0], `${group}, step ${i}: ${JSON.stringify(command)}, watched ${key}`).toBe(
        outcomes[1],
      );
      if (outcomes[0] === true) failed++;
    }
    expect(failed, `changes seen in ${group}`).toBeGreaterThan(10);
    await a.close();
    await b.close();
  }
});
