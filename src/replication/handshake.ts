// What a replica says to its master before it asks for the stream, in the order of Redis 7.0 and
// nothing more: PING, AUTH where a password is set, REPLCONF listening-port, REPLCONF ip-address
// where one is announced, REPLCONF capa. The first answer is waited for; the others come together.

/** A line of the master's, or a command for it. */
export interface HandshakeSettings {
  readonly user: string;
  readonly password: Uint8Array | null;
  readonly port: number;
  /** '' when none is announced. */
  readonly address: string;
}

type Step = 'ping' | 'auth' | 'listening-port' | 'ip-address' | 'capa';

/** What came of a line: go on, ready for PSYNC, or why it cannot go on (for the log). */
export type HandshakeResult = 'more' | 'ready' | { readonly failure: string };

/** A command as RESP; text as latin1. */
export function encodeCommand(parts: readonly (string | Uint8Array)[]): Buffer {
  const pieces: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part);
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}

export class Handshake {
  readonly #settings: HandshakeSettings;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #log: (text: string) => void;
  #waits: Step[] = ['ping'];

  /** @param log gets what is worth telling and no reason to stop. */
  constructor(
    settings: HandshakeSettings,
    send: (bytes: Uint8Array) => void,
    log: (text: string) => void,
  ) {
    this.#settings = settings;
    this.#send = send;
    this.#log = log;
    send(encodeCommand(['PING']));
  }

  /** Takes a line of the master's, without its end. */
  onLine(line: string): HandshakeResult {
    const step = this.#waits.shift();
    if (step === 'ping') return this.#onPong(line);
    if (step === 'auth' && line.startsWith('-')) {
      return { failure: `Unable to AUTH to MASTER: ${line}` };
    }
    if (step !== 'auth' && line.startsWith('-')) {
      this.#log(`(Non critical) Master does not understand REPLCONF ${step ?? ''}: ${line}`);
    }
    return this.#waits.length === 0 ? 'ready' : 'more';
  }

  #onPong(line: string): HandshakeResult {
    const isFine =
      line.startsWith('+') ||
      line.startsWith('-NOAUTH') ||
      line.startsWith('-NOPERM') ||
      line.startsWith('-ERR operation not permitted');
    if (!isFine) return { failure: `Error reply to PING from master: '${line}'` };
    this.#log('Master replied to PING, replication can continue...');
    const { user, password, port, address } = this.#settings;
    if (password !== null) {
      this.#ask('auth', ['AUTH', ...(user === '' ? [] : [user]), password]);
    }
    this.#ask('listening-port', ['REPLCONF', 'listening-port', String(port)]);
    if (address !== '') this.#ask('ip-address', ['REPLCONF', 'ip-address', address]);
    this.#ask('capa', ['REPLCONF', 'capa', 'eof', 'capa', 'psync2']);
    return 'more';
  }

  #ask(step: Step, parts: readonly (string | Uint8Array)[]): void {
    this.#waits.push(step);
    this.#send(encodeCommand(parts));
  }
}
