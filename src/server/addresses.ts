// Both ends of an accepted connection, as CLIENT LIST and the log show them.

import type { Socket } from 'node:net';
import type { ConnectionAddresses } from './connection-host.ts';

/** @param unixPath the path that unix sockets listen on. */
export function addressesOf(socket: Socket, unixPath: string): ConnectionAddresses {
  if (socket.remoteAddress === undefined && !('encrypted' in socket)) {
    const path = unixPath === '' ? 'unixsocket' : unixPath;
    return { remote: `${path}:0`, local: `${path}:0`, isUnix: true, isLocal: true };
  }
  const remote = plainAddress(socket.remoteAddress ?? '?');
  const isLocal = remote === '::1' || remote.startsWith('127.');
  return {
    remote: joinAddress(remote, socket.remotePort ?? 0),
    local: joinAddress(plainAddress(socket.localAddress ?? '?'), socket.localPort ?? 0),
    isUnix: false,
    isLocal,
  };
}

/** An IPv4 address that came through an IPv6 socket, as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function joinAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
