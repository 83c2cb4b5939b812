// redis.call and redis.pcall: runs a command for the script that is under way, through the checks
// that scripts have, and gives its reply back as a value. The arguments lie in one buffer that is
// used again, the reply in one writer.

import { writeDouble } from '../bytes/double.ts';
import { DoubleDigits } from '../bytes/double-digits.ts';
import { writeInteger } from '../bytes/integer.ts';
import { Client } from '../engine/client.ts';
import {
  type Command,
  FLAG_DENYOOM,
  FLAG_MAY_REPLICATE,
  FLAG_NO_SCRIPT,
  FLAG_STALE,
  FLAG_WRITE,
} from '../engine/command.ts';
import type { Engine } from '../engine/engine.ts';
import { NO_TRANSPORT } from '../engine/no-transport.ts';
import { TO_ALL } from '../engine/propagation.ts';
import type { Value } from '../lua/value.ts';
import { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import { CHUNK_BYTES } from '../protocol/reply-writer.ts';
import type { KnownStrings } from './known-strings.ts';
import { ReplyToLua } from './reply-to-lua.ts';
import { ScriptReplies } from './script-replies.ts';

const NAN_BYTES = Buffer.from('-nan');
/** Places for names of commands, in all their spellings: a power of two less one. */
const PLACES_MASK = 255;
/** Room for one name at the beginning of the buffer, and for all of them. */
const NAME_BYTES = 32;
const NAMES_BYTES = (PLACES_MASK + 1) * NAME_BYTES;
/** Places for keys and their room, behind the names. */
const KEYS_MASK = 63;
const KEY_BYTES = 64;
const FIXED_BYTES = NAMES_BYTES + (KEYS_MASK + 1) * KEY_BYTES;
const BUFFER_BYTES = FIXED_BYTES + 16 * 1024;
/** A buffer that a giant command made larger is given back. */
const KEPT_BYTES = 1024 * 1024;
/** Strings up to this length are copied character by character: quicker than a call. */
const SHORT = 64;
const MAX_NUMBER_BYTES = 32;
const MINUS = 45;
const NO_BYTES = new Uint8Array(0);
/** Numbers that are whole within these bounds are written as integers. */
const INTEGER_MIN = -(2 ** 52) + 1;
const INTEGER_MAX = 2 ** 52;

export const NO_ARGUMENTS = 'ERR Please specify at least one argument for this redis lib call';
export const BAD_ARGUMENTS = 'ERR Lua redis lib command arguments must be strings or integers';
const READ_ONLY = 'ERR Write commands are not allowed from read-only scripts.';
const STALE = 'ERR Can not execute the command on a stale replica';
const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

/** What the script that is under way may do. */
export interface CallerRights {
  /** The client that runs the script. */
  caller: Client;
  isReadOnly: boolean;
  allowsOom: boolean;
  /** Memory was out when the script began. */
  wasOutOfMemory: boolean;
  hasWritten: boolean;
  /** Bits of TO_...: who is told of its changes. */
  target: number;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export class CommandCaller {
  /** Scripts run their commands as this client. */
  readonly client: Client;
  readonly #engine: Engine;
  readonly #args = new Args();
  readonly #writer: ScriptReplies;
  readonly reader: ReplyToLua;
  /** Plain bytes as requests have them, so that commands meet one kind of array. */
  #bytes: Uint8Array = new Uint8Array(BUFFER_BYTES);
  readonly #digits = new DoubleDigits();
  /** The same bytes, for what only a Buffer can do. */
  #view: Buffer = viewOf(this.#bytes);
  #used = 0;
  #isBad = false;
  /** What the first argument names, where it is a short string. */
  #command: Command | null = null;
  /**
   * Commands by the names that programs call them by, each at the place of its name. The bytes of
   * the name stay in the buffer, at the same place.
   */
  readonly #names: string[] = new Array<string>(PLACES_MASK + 1).fill('');
  readonly #named: (Command | null)[] = new Array<Command | null>(PLACES_MASK + 1).fill(null);
  /** Keys, each at its place, whose bytes stay in the buffer likewise. */
  readonly #keys: string[] = new Array<string>(KEYS_MASK + 1).fill('');
  #isInUse = false;
  /** The reply of the last command, true until the next; nothing when none has replied. */
  replyBytes: Uint8Array = NO_BYTES;
  replyLength = 0;
  /** The reply of the last command is an error. */
  isError = false;

  /** @param strings what the texts of replies are made with. */
  constructor(engine: Engine, strings: KnownStrings) {
    this.#engine = engine;
    this.reader = new ReplyToLua(strings);
    this.#writer = new ScriptReplies(engine, strings);
    const db = engine.keyspace.databases[0]!;
    this.client = new Client({ id: 0, db, transport: NO_TRANSPORT, nowMs: 0 });
    this.client.runsScripts = true;
    this.client.mayBlock = false;
  }

  /** Begins a list of arguments, to which `add` adds. */
  begin(): void {
    const args = this.#args;
    args.clear();
    if (args.bytes !== this.#bytes) args.bytes = this.#bytes;
    this.#used = FIXED_BYTES;
    this.#isBad = false;
    this.#command = null;
  }

  add(value: Value): void {
    if (typeof value === 'string') {
      const size = value.length;
      const { count } = this.#args;
      if (count === 0 && size <= NAME_BYTES) {
        this.#addName(value);
        return;
      }
      if (count === 1 && size <= KEY_BYTES && size > 0) {
        this.#addKey(value);
        return;
      }
      const at = this.#used;
      if (at + size > this.#bytes.length) this.#grow(at, size);
      if (size <= SHORT) {
        const bytes = this.#bytes;
        for (let i = 0; i < size; i++) bytes[at + i] = value.charCodeAt(i);
      } else this.#view.write(value, at, 'latin1');
      this.#args.push(at, size);
      this.#used = at + size;
    } else if (typeof value === 'number') this.#addNumber(value);
    else this.#isBad = true;
  }

  #addName(name: string): void {
    const size = name.length;
    const place =
      (name.charCodeAt(0) * 31 +
        name.charCodeAt(1) * 5 +
        name.charCodeAt(2) * 17 +
        name.charCodeAt(size - 1) * 3 +
        size) &
      PLACES_MASK;
    const at = place * NAME_BYTES;
    this.#args.push(at, size);
    if (this.#names[place] !== name) {
      for (let i = 0; i < size; i++) this.#bytes[at + i] = name.charCodeAt(i);
      this.#names[place] = name;
      this.#named[place] = this.#engine.commands.lookup(this.#bytes, at, size);
    }
    this.#command = this.#named[place]!;
  }

  /** The second argument, which often is a key that the same program has named before. */
  #addKey(key: string): void {
    const size = key.length;
    const place = (key.charCodeAt(size - 1) * 7 + size) & KEYS_MASK;
    const at = NAMES_BYTES + place * KEY_BYTES;
    this.#args.push(at, size);
    if (this.#keys[place] === key) return;
    const bytes = this.#bytes;
    for (let i = 0; i < size; i++) bytes[at + i] = key.charCodeAt(i);
    this.#keys[place] = key;
  }

  #addNumber(value: number): void {
    const at = this.#used;
    if (at + MAX_NUMBER_BYTES > this.#bytes.length) this.#grow(at, MAX_NUMBER_BYTES);
    const size = this.#writeNumber(at, value);
    this.#args.push(at, size);
    this.#used = at + size;
  }

  /** The arguments that were added, or what is wrong with them. */
  ended(): Args | string {
    if (this.#isBad) return BAD_ARGUMENTS;
    return this.#args.count === 0 ? NO_ARGUMENTS : this.#args;
  }

  #writeNumber(at: number, value: number): number {
    const isWhole = value > INTEGER_MIN && value < INTEGER_MAX && Math.trunc(value) === value;
    if (isWhole && !Object.is(value, -0)) return writeInteger(this.#bytes, at, value);
    // The sign of C's 0/0.
    if (Number.isNaN(value)) {
      this.#bytes.set(NAN_BYTES, at);
      return NAN_BYTES.length;
    }
    return writeDouble(this.#bytes, at, value, this.#digits);
  }

  #grow(used: number, size: number): void {
    const larger = new Uint8Array((used + size) * 2);
    larger.set(this.#bytes.subarray(0, used));
    this.#setBytes(larger);
    this.#args.bytes = larger;
  }

  #setBytes(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /** A giant command made the buffer larger. */
  #shrink(): void {
    const smaller = new Uint8Array(BUFFER_BYTES);
    smaller.set(this.#bytes.subarray(0, FIXED_BYTES));
    this.#setBytes(smaller);
  }

  /**
   * Runs the command whose arguments were added. @returns its reply; `isError` tells whether it is
   * one.
   */
  call(rights: CallerRights): Value {
    const args = this.ended();
    if (typeof args === 'string') return this.#fail(args);
    const engine = this.#engine;
    const command = this.lookup(args);
    const refusal = this.#refusal(command, args, rights);
    if (command === null || refusal !== null) return this.#refuse(command, refusal ?? '');
    if ((command.mask & FLAG_WRITE) !== 0) rights.hasWritten = true;
    const writer = this.#writer;
    const { propagation } = engine;
    const { client } = this;
    // Looking costs less than telling the collector of a new reference.
    const { user } = rights.caller;
    if (client.user !== user) client.user = user;
    if (client.lastCommand !== command) client.lastCommand = command;
    if (rights.target !== TO_ALL) propagation.mask = rights.target;
    writer.isDirect = false;
    this.#isInUse = true;
    engine.runInside(client, command, args, writer);
    this.#isInUse = false;
    if (rights.target !== TO_ALL) propagation.mask = TO_ALL;
    if (this.#bytes.length > KEPT_BYTES) this.#shrink();
    if (writer.isDirect) {
      this.isError = false;
      this.replyLength = 0;
      return writer.value;
    }
    if (writer.chunks.length === 0) {
      if (this.replyBytes !== writer.bytes) this.replyBytes = writer.bytes;
      this.replyLength = writer.position;
      writer.position = 0;
    } else this.#joinChunks(writer);
    this.isError = this.replyBytes[0] === MINUS;
    return this.reader.fromBytes(this.replyBytes, 0);
  }

  /** Lets go of a long reply. */
  release(): void {
    if (this.replyLength <= CHUNK_BYTES) return;
    this.replyBytes = NO_BYTES;
    this.replyLength = 0;
    this.reader.release();
  }

  #joinChunks(writer: ScriptReplies): void {
    const last = writer.bytes.subarray(0, writer.position);
    this.replyBytes = new Uint8Array(writer.pendingBytes);
    this.replyLength = 0;
    for (const chunk of [...writer.chunks, last]) {
      this.replyBytes.set(chunk, this.replyLength);
      this.replyLength += chunk.length;
    }
    writer.reset();
  }

  /** The command of the arguments that were added. */
  lookup(args: Args): Command | null {
    let command = this.#command;
    if (command === null) {
      const { commands } = this.#engine;
      command = commands.lookup(args.bytes, args.offsets[0]!, args.lengths[0]!);
    }
    if (command === null || command.subcommands === null || args.count < 2) return command;
    return command.subcommands.lookup(args.bytes, args.offsets[1]!, args.lengths[1]!);
  }

  /** @returns why the script may not run a command, as the text of an error. */
  #refusal(command: Command | null, args: Args, rights: CallerRights): string | null {
    if (command === null) return 'ERR Unknown Redis command called from script';
    if (args.count < command.minArguments || args.count > command.maxArguments) {
      return 'ERR Wrong number of args calling Redis command from script';
    }
    const { mask } = command;
    if ((mask & FLAG_NO_SCRIPT) !== 0 && !this.#engine.settings.allowsAllInScripts) {
      return 'ERR This Redis command is not allowed from script';
    }
    if (this.#engine.role?.isStale === true && (mask & FLAG_STALE) === 0) return STALE;
    const { caller } = rights;
    if (!caller.user.isUnrestricted) {
      const refusal = this.#engine.access.refusal(caller, command, args, 'lua');
      if (refusal !== null) {
        return `ERR ACL failure in script: ${refusal.text.replace(/^NOPERM /, '')}`;
      }
    }
    if (rights.isReadOnly && (mask & (FLAG_WRITE | FLAG_MAY_REPLICATE)) !== 0) return READ_ONLY;
    // What has begun to write goes on, whatever the server has come to be meanwhile.
    if ((mask & FLAG_WRITE) !== 0 && !rights.hasWritten && !caller.mustBeObeyed) {
      const { role, diskError } = this.#engine;
      const denied = role?.writeRefusal ?? diskError;
      if (denied !== null) return denied.text;
    }
    if (rights.wasOutOfMemory && !rights.allowsOom && !rights.hasWritten) {
      if ((mask & FLAG_DENYOOM) !== 0) return OUT_OF_MEMORY;
    }
    return null;
  }

  /** An error that is counted as that of a command. */
  #refuse(command: Command | null, text: string): Value {
    this.#engine.countRefusalInside(command, replyError(text));
    return this.#fail(text, true);
  }

  #fail(text: string, isCounted = false): Value {
    this.isError = true;
    this.replyLength = 0;
    return this.reader.fromError(text, isCounted);
  }

  /** True while a command of a script runs. */
  get isInUse(): boolean {
    return this.#isInUse;
  }
}
