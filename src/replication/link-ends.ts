// Both ends of the connection to a master, as CLIENT LIST, CLIENT KILL and the slow log know them.
// A stream that is no socket has none: then the master has the name that it was given.

import type { Duplex } from 'node:stream';
import type { Transport } from '../engine/client.ts';

type SocketEnds = Duplex & {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
};

/** @param name the master as `host:port`, for want of an address. */
export function endsOf(
  socket: SocketEnds | null,
  name: string,
): Pick<Transport, 'remoteAddress' | 'localAddress'> {
  return {
    remoteAddress: joined(socket?.remoteAddress, socket?.remotePort) ?? name,
    localAddress: joined(socket?.localAddress, socket?.localPort) ?? '',
  };
}

function joined(address: string | undefined, port: number | undefined): string | null {
  if (address === undefined || port === undefined) return null;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
