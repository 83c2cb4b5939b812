// What the server listens on: TCP addresses, a TLS port, a unix socket. Each change of an address
// opens the new ones before the old ones are closed, so a refused change leaves the server
// reachable.

import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import {
  createServer,
  isIP,
  type ListenOptions,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { dirname } from 'node:path';
import type { TLSSocket, TlsOptions, Server as TlsServer } from 'node:tls';
import { systemWords } from '../config/node-disk.ts';
import type { ListenerInfo } from '../introspection/server-context.ts';
import { systemPath } from '../runtime/files.ts';

/** What to listen on. */
export interface ListenSettings {
  /**
   * Addresses as the option `bind` has them: a leading '-' allows one to be missing, `*` and `::*`
   * mean any.
   */
  readonly bind: readonly string[];
  readonly port: number;
  readonly tlsPort: number;
  readonly tls: TlsOptions | null;
  readonly unixSocket: string;
  readonly unixSocketMode: number;
  readonly backlog: number;
}

/** Thrown when an address cannot be listened on. `code` is the system's, EADDRINUSE above all. */
export class ListenError extends Error {
  readonly code: string;
  readonly port: number;
  readonly kind: 'tcp' | 'tls' | 'unix';
  /** The same in Redis's words, for the log. */
  readonly report: string;

  /** @param address as `bind` has it, or the path of the unix socket */
  constructor(
    kind: 'tcp' | 'tls' | 'unix',
    port: number,
    address: string,
    cause: NodeJS.ErrnoException,
  ) {
    super(`could not listen: ${cause.message}`, { cause });
    this.report = listenReport(kind, port, address, cause);
    this.code = cause.code ?? 'ERR_LISTEN';
    this.port = port;
    this.kind = kind;
  }
}

/** The line that Redis writes when it cannot listen. */
function listenReport(
  kind: 'tcp' | 'tls' | 'unix',
  port: number,
  address: string,
  cause: NodeJS.ErrnoException,
): string {
  if (kind === 'unix') return `Failed opening Unix socket: bind: ${unixWords(address, cause)}`;
  const words =
    cause.syscall === 'getaddrinfo' ? 'Name or service not known' : `bind: ${systemWords(cause)}`;
  return `Could not create server TCP listening socket ${address}:${port}: ${words}`;
}

/** libuv says EACCES where the folder of a unix socket is missing. */
function unixWords(path: string, cause: NodeJS.ErrnoException): string {
  const isMissing = cause.code === 'EACCES' && !existsSync(dirname(path));
  return isMissing ? 'No such file or directory' : systemWords(cause);
}

type OnSocket = (socket: Socket) => void;

interface Open {
  readonly kind: 'tcp' | 'tls' | 'unix';
  readonly addresses: readonly string[];
  readonly server: NetServer;
  /** The port it has; 0 for a path. */
  readonly port: number;
}

/** Errors that an address with a leading '-' may answer with. */
const OPTIONAL_FAILURES: readonly string[] = [
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'EINVAL',
  'ENOTFOUND',
];

/** What `bind` is when nobody sets it. */
const EVERY_ADDRESS = '* -::*';

export class Listeners {
  readonly #onSocket: OnSocket;
  readonly #onTlsFailure: (error: Error, socket: Socket) => void;
  #open: Open[] = [];
  /**
   * Shakes hands for all TLS ports, which only accept; so a change of options replaces it and no
   * port is closed.
   */
  #handshaker: TlsServer | null = null;
  /** Ends of those that no longer accept. */
  readonly #stopped: Promise<void>[] = [];
  /** Sockets of TLS ports, whose handshake may never end: until then nobody else knows of them. */
  readonly #tlsSockets: Set<Socket> = new Set();
  /** Those of them whose handshake has ended. */
  #securedCount = 0;
  readonly #mayShakeHands: () => boolean;

  /** @param mayShakeHands asked before a handshake: false cuts the connection off. */
  constructor(
    onSocket: OnSocket,
    onTlsFailure: (error: Error, socket: Socket) => void,
    mayShakeHands: () => boolean,
  ) {
    this.#onSocket = onSocket;
    this.#onTlsFailure = onTlsFailure;
    this.#mayShakeHands = mayShakeHands;
  }

  /** Connections that are shaking hands. */
  get handshakeCount(): number {
    return Math.max(0, this.#tlsSockets.size - this.#securedCount);
  }

  /**
   * Opens all that the settings name, the ports together and that of TLS first: whoever has reached
   * the plain one may take for granted that the other is there.
   * @throws ListenError; nothing new stays open then.
   */
  async open(settings: ListenSettings): Promise<void> {
    // First, since it takes its time.
    if (settings.tls !== null) this.updateTls(settings.tls);
    const opened: Open[] = [];
    const openedTls: Open[] = [];
    try {
      const { port, tlsPort, tls } = settings;
      const tlsEnd = tls !== null && this.#openPort('tls', tlsPort, settings, openedTls);
      const plainEnd = port >= 0 && this.#openPort('tcp', port, settings, opened);
      const ends = await Promise.allSettled([plainEnd, tlsEnd]);
      opened.push(...openedTls);
      const failure = ends.find((end) => end.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
      // Last: it takes the place of the socket of a running server, whose ports it would have met.
      if (settings.unixSocket !== '') opened.push(await this.#openUnix(settings));
    } catch (error) {
      for (const { server } of opened) server.close();
      throw error;
    }
    this.#open.push(...opened);
  }

  async #openPort(
    kind: 'tcp' | 'tls',
    wantedPort: number,
    settings: ListenSettings,
    opened: Open[],
  ): Promise<void> {
    if (settings.bind.join(' ') === EVERY_ADDRESS) {
      opened.push(await this.#openEvery(kind, wantedPort, settings));
      return;
    }
    let port = wantedPort;
    for (const entry of settings.bind) {
      const optional = entry.startsWith('-');
      const address = optional ? entry.slice(1) : entry;
      const isAny6 = address === '::*' || address === '::';
      const host = address === '*' ? '0.0.0.0' : isAny6 ? '::' : address;
      const server = this.#newServer(kind);
      try {
        const listen = { host, port, backlog: settings.backlog, ipv6Only: isAny6 };
        await listening(server, listen);
      } catch (error) {
        const cause = error as NodeJS.ErrnoException;
        if ((optional || isAny6) && OPTIONAL_FAILURES.includes(cause.code ?? '')) continue;
        throw new ListenError(kind, port, entry, cause);
      }
      // With port 0 the system chooses for the first address, and the others follow.
      if (port === 0) port = portOf(server);
      opened.push({ kind, addresses: [entry], server, port });
    }
  }

  /**
   * One socket for every address of the machine, where it speaks IPv6 for both kinds. Naming the
   * addresses to Node would cost a twentieth of the time of a start.
   */
  async #openEvery(
    kind: 'tcp' | 'tls',
    port: number,
    { bind, backlog }: ListenSettings,
  ): Promise<Open> {
    const server = this.#newServer(kind);
    try {
      await listening(server, { port, backlog });
    } catch (error) {
      throw new ListenError(kind, port, '*', error as NodeJS.ErrnoException);
    }
    const address = server.address();
    const hasIpv6 = typeof address === 'object' && address?.family === 'IPv6';
    const addresses = hasIpv6 ? bind : bind.slice(0, 1);
    return { kind, addresses, server, port: portOf(server) };
  }

  #newServer(kind: 'tcp' | 'tls'): NetServer {
    if (kind === 'tcp') return createServer({ noDelay: true }, this.#onSocket);
    return createServer({ noDelay: true }, (socket) => this.#shakeHands(socket));
  }

  #shakeHands(socket: Socket): void {
    if (!this.#mayShakeHands()) {
      socket.destroy();
      return;
    }
    this.#tlsSockets.add(socket);
    socket.on('close', () => this.#tlsSockets.delete(socket));
    this.#handshaker?.emit('connection', socket);
  }

  async #openUnix(settings: ListenSettings): Promise<Open> {
    const path = systemPath(settings.unixSocket);
    try {
      unlinkSync(path);
    } catch {
      // Nothing was left there by an earlier run.
    }
    const server = createServer(this.#onSocket);
    try {
      await listening(server, { path, backlog: settings.backlog });
      if (settings.unixSocketMode !== 0) chmodSync(path, settings.unixSocketMode);
    } catch (error) {
      throw new ListenError('unix', 0, path, error as NodeJS.ErrnoException);
    }
    return { kind: 'unix', addresses: [settings.unixSocket], server, port: 0 };
  }

  /** Closes what was open before `open` was called last for these kinds. */
  closeOlder(kinds: readonly ('tcp' | 'tls')[], keep: number): void {
    const older = this.#open
      .slice(0, keep)
      .filter(({ kind }) => kind !== 'unix' && kinds.includes(kind));
    for (const { server } of older) server.close();
    this.#open = this.#open.filter((open) => !older.includes(open));
  }

  /** Number of open listeners, for closeOlder. */
  get count(): number {
    return this.#open.length;
  }

  /**
   * Serves new TLS connections by these options; those that are open stay as they are. @throws when
   * they are wrong.
   */
  updateTls(options: TlsOptions): void {
    // Loaded here, because loading it takes a tenth of the time of a start, and few servers speak
    // TLS.
    const tls = process.getBuiltinModule('node:tls');
    const handshaker = tls.createServer(options, (socket) => {
      this.#securedCount++;
      socket.on('close', () => this.#securedCount--);
      if (showsBadCertificate(socket)) this.#onTlsFailure(socket.authorizationError, socket);
      else this.#onSocket(socket);
    });
    handshaker.on('tlsClientError', this.#onTlsFailure);
    this.#handshaker = handshaker;
  }

  portOf(kind: 'tcp' | 'tls'): number {
    return this.#open.find((one) => one.kind === kind)?.port ?? 0;
  }

  describe(): ListenerInfo[] {
    const infos: ListenerInfo[] = [];
    for (const kind of ['tcp', 'unix', 'tls'] as const) {
      const open = this.#open.filter((one) => one.kind === kind);
      if (open.length === 0) continue;
      const addresses = open.flatMap((one) => one.addresses);
      infos.push({ name: kind, addresses, port: open[0]!.port });
    }
    return infos;
  }

  /** Stops accepting. Nobody is to connect to a server whose clients are being closed. */
  stop(): void {
    const open = this.#open;
    this.#open = [];
    this.#stopped.push(
      ...open.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  /**
   * Stops accepting, and waits until all that was accepted is closed: by whoever serves it, or here
   * where the handshake has not ended.
   */
  async close(): Promise<void> {
    this.stop();
    for (const socket of this.#tlsSockets) socket.destroy();
    await Promise.all(this.#stopped);
  }
}

/**
 * Whether a client shows a certificate that is not of our authorities. Node refuses it only where
 * one is demanded; Redis does where one may be shown, too.
 */
function showsBadCertificate(socket: TLSSocket): boolean {
  // Null or undefined when no certificate is asked for, whatever the type says.
  const error = socket.authorizationError as Error | null | undefined;
  return (error ?? null) !== null && Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
}

function portOf(server: NetServer): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function listening(server: NetServer, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.removeListener('error', reject);
      server.on('error', () => {});
      resolve();
    });
    if (!listenAlone(server, options)) server.listen(options);
  });
}

/** What net.Server's listen() ends in, where it is not for a worker of node:cluster. */
interface ServerInside {
  _listen2?(
    address: string | null,
    port: number,
    family: number,
    backlog: number | undefined,
    descriptor: undefined,
    flags: number,
  ): void;
}
const LISTEN_PARAMETERS = 6;
const IPV6_ONLY = 1;

/**
 * Begins to listen on a port without node:cluster, which listen() loads to ask whether this is one
 * of its workers: that takes some 4 ms of a start. @returns false where it may be one, or
 * this Node is made otherwise, or there is more to do: nothing is done then.
 */
function listenAlone(server: NetServer, options: ListenOptions): boolean {
  const { host = null, port, backlog, ipv6Only = false } = options;
  const inside = server as NetServer & ServerInside;
  const isWorker = process.connected;
  if (isWorker || port === undefined || inside._listen2?.length !== LISTEN_PARAMETERS) return false;
  const family = host === null ? 4 : isIP(host);
  if (family === 0) return false;
  inside._listen2(host, port, family, backlog, undefined, ipv6Only ? IPV6_ONLY : 0);
  return true;
}
