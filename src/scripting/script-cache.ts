// Scripts by their SHA1. A script's first run needs no compiler; both compiled forms are made when
// they are needed, and may be let go and made again. The text of a script leads to it too, so that
// EVAL need not compute the SHA1 each time.

import { latin1Bytes, latin1String } from '../bytes/ascii.ts';
import { LuaError } from '../lua/errors.ts';
import { loadChunk, loadForOnce } from '../lua/load.ts';
import type { Runtime } from '../lua/runtime.ts';
import type { LuaFunction } from '../lua/value.ts';
import { sha1Hex } from '../runtime/digest.ts';
import { type Compiled, CompiledScripts } from './compiled-scripts.ts';
import type { Program } from './script-run.ts';
import { type Shebang, scriptShebang } from './shebang.ts';

const CHUNK_NAME = '@user_script';
/** What a script costs beside its text. */
const SCRIPT_BYTES = 96;
/** Places for scripts that were asked for of late: a power of two less one. */
const PLACES_MASK = 255;

export interface RuntimeSource {
  plainRuntime(): Runtime;
  givingWayRuntime(isEval: boolean): Runtime;
  /** A program of so many characters is about to be compiled. */
  noteCompiling(length: number): void;
}

export class Script implements Program, Compiled {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly isEval = true;
  readonly source: string;
  readonly #body: string;
  readonly #runtimes: RuntimeSource;
  readonly #compiled: CompiledScripts;
  usedAt = 0;
  /** For the first run. */
  #tree: LuaFunction | null;
  #plain: LuaFunction | null = null;
  #givingWay: LuaFunction | null = null;

  constructor(
    { source, flags, bodyStart }: Shebang & { readonly source: string },
    runtimes: RuntimeSource,
    compiled: CompiledScripts,
  ) {
    this.name = sha1Hex(source);
    this.nameBytes = latin1Bytes(this.name);
    this.source = source;
    this.flags = flags;
    this.#body = source.slice(bodyStart);
    this.#runtimes = runtimes;
    this.#compiled = compiled;
    this.#tree = loadForOnce(runtimes.plainRuntime(), this.#body, CHUNK_NAME);
    compiled.add(this);
  }

  get length(): number {
    return this.#body.length;
  }

  get isHeld(): boolean {
    return this.#tree !== null || this.#plain !== null || this.#givingWay !== null;
  }

  letGo(): void {
    this.#tree = null;
    this.#plain = null;
    this.#givingWay = null;
  }

  tree(): LuaFunction | null {
    const tree = this.#tree;
    if (tree !== null) this.#tree = null;
    return tree;
  }

  plain(): LuaFunction {
    if (this.#plain === null) {
      this.#runtimes.noteCompiling(this.#body.length);
      this.#plain = loadChunk(this.#runtimes.plainRuntime(), this.#body, CHUNK_NAME);
      this.#compiled.add(this);
    } else this.usedAt = this.#compiled.now;
    return this.#plain;
  }

  /** The first run that needs this form makes it; functions of the plain one are let go. */
  givingWay(): LuaFunction {
    if (this.#givingWay === null) {
      const runtime = this.#runtimes.givingWayRuntime(true);
      this.#givingWay = loadChunk(runtime, this.#body, CHUNK_NAME);
      this.#compiled.add(this);
    }
    return this.#givingWay;
  }
}

export class ScriptCache {
  readonly #runtimes: RuntimeSource;
  readonly #bySha: Map<string, Script> = new Map();
  readonly #bySource: Map<string, Script> = new Map();
  /** Scripts that were asked for of late, by their bytes: no string need be made. */
  readonly #recent: (Script | undefined)[] = new Array(PLACES_MASK + 1).fill(undefined);
  readonly #compiled = new CompiledScripts();
  #bytes = 0;

  constructor(runtimes: RuntimeSource) {
    this.#runtimes = runtimes;
  }

  get count(): number {
    return this.#bySha.size;
  }

  /** Bytes of the scripts: used_memory_scripts_eval. */
  get usedBytes(): number {
    return this.#bytes;
  }

  has(sha: string): boolean {
    return this.#bySha.has(sha);
  }

  /** The script of a SHA1 in any case. */
  find(bytes: Uint8Array, offset: number, length: number): Script | undefined {
    if (length !== 40) return undefined;
    // Where a SHA1 is remembered, its own bytes say: they are as good as a hash.
    const place = (bytes[offset]! * 5 + bytes[offset + 1]! * 67 + bytes[offset + 2]!) & PLACES_MASK;
    const recent = this.#recent[place];
    if (recent !== undefined && isName(recent.nameBytes, bytes, offset)) return recent;
    const sha = latin1String(bytes, offset, length);
    const found = this.#bySha.get(sha.toLowerCase());
    if (found !== undefined) this.#recent[place] = found;
    return found;
  }

  findSource(source: string): Script | undefined {
    return this.#bySource.get(source);
  }

  /** The script of a text, made if there was none. @returns what is wrong with it. */
  add(source: string): Script | string {
    const known = this.#bySource.get(source);
    if (known !== undefined) return known;
    const head = scriptShebang(source);
    if (typeof head === 'string') return head;
    try {
      const script = new Script({ source, ...head }, this.#runtimes, this.#compiled);
      this.#bySha.set(script.name, script);
      this.#bySource.set(source, script);
      this.#bytes += source.length + SCRIPT_BYTES;
      return script;
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      return `Error compiling script (new function): ${String(error.value)}`;
    }
  }

  clear(): void {
    this.#bySha.clear();
    this.#bySource.clear();
    this.#recent.fill(undefined);
    this.#compiled.clear();
    this.#bytes = 0;
  }
}

function isName(name: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[offset + i]) return false;
  return true;
}
