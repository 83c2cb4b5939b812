// Moves keys to other servers, for MIGRATE. While a transfer is under way all writes of this server
// are held back, as by CLIENT PAUSE: so what is deleted here at the end is what was sent. That also
// makes the next MIGRATE, a write itself, wait for this one.

import type { Duplex } from 'node:stream';
import { NOTIFY_GENERIC } from '../engine/call.ts';
import type { PauseKind } from '../engine/client-registry.ts';
import type { Engine } from '../engine/engine.ts';
import type { Database } from '../keyspace/database.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import { NULL_REF } from '../memory/arena.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import { PayloadWriter } from '../rdb/payload.ts';
import type { Timer, Timers } from '../runtime/clock.ts';
import { type ExchangeEnd, MigrationLink } from './migration-link.ts';

const MAX_LINKS = 64;
const IDLE_MS = 10_000;
const CONNECT_ERROR = replyError('IOERR error or timeout connecting to the client');
const WRITE_ERROR = replyError('IOERR error or timeout writing to target instance');
const READ_ERROR = replyError('IOERR error or timeout reading to target instance');

/** What the server gives; it is asked for only when a command runs. */
export interface MigrationHost {
  readonly engine: Engine;
  readonly timers: Timers;
  /** Opens a connection. @param onReady called when bytes can be sent. */
  connect(host: string, port: number, onReady: () => void): Duplex;
}

export interface MigrationRequest {
  readonly host: string;
  readonly port: number;
  readonly db: Database;
  readonly keys: readonly Uint8Array[];
  /** Database of the other server. */
  readonly targetDbId: number;
  readonly timeoutMs: number;
  readonly copies: boolean;
  readonly replaces: boolean;
  /** Empty, a password, or a user and a password. */
  readonly credentials: readonly Uint8Array[];
}

interface CachedLink {
  readonly link: MigrationLink;
  idle: Timer | null;
}

/** A command as RESP. */
function encode(parts: readonly (string | Uint8Array)[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}

/** One try to send the keys of a request: what goes out, and what comes back. */
class Attempt {
  /** The keys that were sent, and the replies to them that have come. */
  readonly sent: Uint8Array[] = [];
  answered = 0;
  readonly accepted: Uint8Array[] = [];
  /** The first error of the other side, without its `-`. */
  error = '';
  /** Replies to AUTH and SELECT that are still to come. */
  #before = 0;

  onLine(line: string): void {
    const isError = line.startsWith('-');
    if (this.#before > 0) {
      this.#before--;
      if (isError && this.error === '') this.error = line.slice(1);
      this.#isRefused ||= isError;
      return;
    }
    const key = this.sent[this.answered++]!;
    if (this.#isRefused || isError) {
      if (this.error === '') this.error = line.slice(1);
    } else this.accepted.push(key);
  }

  #isRefused = false;

  /** Makes the request. @param selects whether the other side has another database selected. */
  build(
    request: MigrationRequest,
    selects: boolean,
    engine: Engine,
    writer: PayloadWriter,
  ): { readonly bytes: Uint8Array; readonly lineCount: number } {
    const { db, credentials, keys } = request;
    const pieces: Uint8Array[] = [];
    if (credentials.length > 0) pieces.push(encode(['AUTH', ...credentials]));
    if (selects) pieces.push(encode(['SELECT', String(request.targetDbId)]));
    this.#before = pieces.length;
    const { nowMs } = engine;
    for (const key of keys) {
      const ref = db.lookup(key, 0, key.length);
      if (ref === NULL_REF) continue;
      const expiryMs = db.expiryOf(ref);
      const ttl = expiryMs === NO_EXPIRY ? 0 : expiryMs - nowMs;
      if (ttl < 0) continue;
      const restMs = expiryMs === NO_EXPIRY ? 0 : Math.max(ttl, 1);
      const payload = writer.dump(ref, engine.settings.rdbCompression);
      const options = request.replaces ? ['REPLACE'] : [];
      pieces.push(encode(['RESTORE', key, String(restMs), payload, ...options]));
      this.sent.push(key);
    }
    return { bytes: Buffer.concat(pieces), lineCount: pieces.length };
  }
}

export class Migrations {
  readonly #host: MigrationHost;
  readonly #links: Map<string, CachedLink> = new Map();
  #payloads: PayloadWriter | null = null;
  #isClosed = false;
  #underWay = 0;

  constructor(host: MigrationHost) {
    this.#host = host;
  }

  /** Made when it is first used. */
  #writer(): PayloadWriter {
    this.#payloads ??= new PayloadWriter(this.#host.engine.keyspace);
    return this.#payloads;
  }

  /** `migrate_cached_sockets` of INFO. */
  get linkCount(): number {
    return this.#links.size;
  }

  /** Ends all connections, for good. */
  close(): void {
    this.#isClosed = true;
    for (const name of [...this.#links.keys()]) this.#drop(name);
  }

  /**
   * Moves keys.
   * @param held what other clients may not do meanwhile
   * @param done gets the error that the client is told, or null.
   */
  run(request: MigrationRequest, held: PauseKind, done: (error: ReplyError | null) => void): void {
    const { pause } = this.#host.engine;
    this.#underWay++;
    pause.hold('migration', held);
    this.#try(request, true, (error) => {
      done(error);
      // The transaction that goes on may have begun the next one.
      if (--this.#underWay === 0) pause.release('migration');
    });
  }

  #try(
    request: MigrationRequest,
    mayRetry: boolean,
    done: (error: ReplyError | null) => void,
  ): void {
    const { engine } = this.#host;
    const name = `${request.host}:${request.port}`;
    const link = this.#linkTo(name, request);
    const attempt = new Attempt();
    link.exchange({
      request: () =>
        attempt.build(request, link.dbId !== request.targetDbId, engine, this.#writer()),
      timeoutMs: request.timeoutMs,
      onLine: (line) => attempt.onLine(line),
      onEnd: (end) => {
        if (end.failure !== 'none' || link.isClosed) this.#drop(name);
        else this.#keep(name);
        const isUntouched = attempt.answered === 0 && attempt.error === '';
        const { failure, isTimeout } = end;
        const isBroken = failure === 'writing' || failure === 'reading';
        if (isBroken && isUntouched && mayRetry && !isTimeout && !this.#isClosed) {
          this.#try(request, false, done);
          return;
        }
        link.dbId = attempt.error === '' && failure === 'none' ? request.targetDbId : -1;
        // A server that has become a replica meanwhile has the keys that its master has.
        const refusal = engine.role?.name === 'replica' ? engine.role.writeRefusal : null;
        const deletes = !request.copies && refusal === null;
        if (deletes) this.#delete(request.db, attempt.accepted);
        done(errorOf(attempt, end) ?? (request.copies ? null : refusal));
      },
    });
  }

  #linkTo(name: string, { host, port }: MigrationRequest): MigrationLink {
    const known = this.#links.get(name);
    if (known !== undefined) {
      known.idle?.stop();
      known.idle = null;
      if (!known.link.isClosed) return known.link;
      this.#drop(name);
    }
    if (this.#links.size >= MAX_LINKS) this.#drop(this.#links.keys().next().value!);
    const open = (onReady: () => void): Duplex => this.#host.connect(host, port, onReady);
    const link = new MigrationLink(this.#host.timers, open);
    this.#links.set(name, { link, idle: null });
    return link;
  }

  /** A connection stays open for a while after its last use. */
  #keep(name: string): void {
    const cached = this.#links.get(name);
    if (cached === undefined) return;
    cached.idle?.stop();
    cached.idle = this.#host.timers.after(IDLE_MS, () => this.#drop(name), false);
  }

  #drop(name: string): void {
    const cached = this.#links.get(name);
    if (cached === undefined) return;
    this.#links.delete(name);
    cached.idle?.stop();
    cached.link.close();
  }

  /**
   * What has arrived on the other side goes here, and replicas and the AOF are told so: of a key
   * that was named twice, twice.
   */
  #delete(db: Database, keys: readonly Uint8Array[]): void {
    const { engine } = this.#host;
    const { events, propagation } = engine;
    for (const key of keys) {
      const found = db.dict.find(key, 0, key.length);
      if (found !== NULL_REF) db.removeFound(found);
      engine.dirty++;
      events.watchers?.onChanged(db, key, 0, key.length);
      events.notify(NOTIFY_GENERIC, 'del', db, key, 0, key.length);
    }
    if (keys.length > 0) propagation.append(db, ['DEL', ...keys]);
  }
}

function errorOf(attempt: Attempt, { failure }: ExchangeEnd): ReplyError | null {
  if (attempt.error !== '') {
    return replyError(`ERR Target instance replied with error: ${attempt.error}`);
  }
  if (failure === 'none') return null;
  if (failure === 'connecting') return CONNECT_ERROR;
  return failure === 'writing' ? WRITE_ERROR : READ_ERROR;
}
