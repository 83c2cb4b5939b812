// The files that the process may have open (ulimit -n): clients beyond them would be cut off
// without a word, and leave no descriptor to save the data with. So maxclients is what fits, as in
// Redis. Node has raised the limit as far as it may be raised.

import type { Server } from '../server/server.ts';
import { type ReadSetting, readSetting } from './system-check.ts';

/** What is not for clients: listeners, files that are written, links to other servers. */
const RESERVED_FILES = 32;

/** @returns null where the system does not tell. */
export function openFilesLimit(read: ReadSetting): number | null {
  const soft = /^Max open files +(\d+)/m.exec(read('/proc/self/limits') ?? '')?.[1];
  return soft === undefined ? null : Number(soft);
}

/**
 * Lowers maxclients to what the system has files for, and refuses more from then on.
 * @returns why the server cannot start, or null.
 */
export function fitMaxClients(
  server: Pick<Server, 'config' | 'log'>,
  limit: number | null = openFilesLimit(readSetting),
): string | null {
  if (limit === null) return null;
  const { config } = server;
  const room = limit - RESERVED_FILES;
  config.onChange(['maxclients'], ({ maxclients }) =>
    maxclients <= room
      ? null
      : 'The operating system is not able to handle the specified number of clients, ' +
        `try with ${room}`,
  );
  const wanted = config.values.maxclients;
  if (wanted <= room) return null;
  const needed = wanted + RESERVED_FILES;
  if (room < 1) {
    return (
      `Your current 'ulimit -n' of ${limit} is not enough for the server to start. Please ` +
      `increase your open file limit to at least ${needed}. Exiting.`
    );
  }
  const lines = [
    `You requested maxclients of ${wanted} requiring at least ${needed} max file descriptors.`,
    `Server can't set maximum open files to ${needed} because of OS error: Operation not permitted.`,
    `Current maximum open files is ${limit}. maxclients has been reduced to ${room} to compensate ` +
      "for low ulimit. If you need higher maxclients increase 'ulimit -n'.",
  ];
  for (const line of lines) server.log('warning', line);
  config.override('maxclients', room);
  return null;
}
