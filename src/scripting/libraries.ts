// Libraries of functions and the functions by their names. A set of libraries is changed as a
// whole or not at all.

import type { LuaFunction } from '../lua/value.ts';
import type { Program } from './script-run.ts';

/** What a function or library costs beside its text. */
const ENTRY_BYTES = 96;

export class LibraryFunction implements Program {
  readonly name: string;
  readonly flags: number;
  readonly isEval = false;
  readonly description: string | null;
  readonly #callback: LuaFunction;
  readonly #library: Library;

  constructor(
    name: string,
    flags: number,
    description: string | null,
    callback: LuaFunction,
    library: Library,
  ) {
    this.name = name;
    this.flags = flags;
    this.description = description;
    this.#callback = callback;
    this.#library = library;
  }

  /** Functions that keep variables between calls cannot begin again in another form. */
  tree(): null {
    return null;
  }

  plain(): LuaFunction | null {
    return this.#library.plainForm(this.name);
  }

  givingWay(): LuaFunction {
    return this.#callback;
  }
}

export class Library {
  readonly name: string;
  readonly code: string;
  /** By their names in lower case: their case does not matter. */
  readonly functions: Map<string, LibraryFunction> = new Map();
  readonly #makePlain: (library: Library) => ReadonlyMap<string, LuaFunction>;
  #plain: ReadonlyMap<string, LuaFunction> | null = null;

  /** @param makePlain the callbacks in their plain form by their names; none if they keep state. */
  constructor(
    name: string,
    code: string,
    makePlain: (library: Library) => ReadonlyMap<string, LuaFunction>,
  ) {
    this.name = name;
    this.code = code;
    this.#makePlain = makePlain;
  }

  plainForm(name: string): LuaFunction | null {
    this.#plain ??= this.#makePlain(this);
    return this.#plain.get(name) ?? null;
  }
}

export class Libraries {
  #libraries: Map<string, Library> = new Map();
  #functions: Map<string, LibraryFunction> = new Map();

  get count(): number {
    return this.#libraries.size;
  }

  get functionCount(): number {
    return this.#functions.size;
  }

  get codeBytes(): number {
    let bytes = 0;
    for (const { code } of this.#libraries.values()) bytes += code.length;
    return bytes;
  }

  /** used_memory_functions. */
  get usedBytes(): number {
    if (this.#libraries.size === 0) return 0;
    return this.codeBytes + (this.#libraries.size + this.#functions.size) * ENTRY_BYTES;
  }

  all(): IterableIterator<Library> {
    return this.#libraries.values();
  }

  get(name: string): Library | undefined {
    return this.#libraries.get(name);
  }

  findFunction(name: string): LibraryFunction | undefined {
    return this.#functions.get(name.toLowerCase());
  }

  /** Adds a library. @returns what is wrong with it, or null. */
  add(library: Library, replaces: boolean): string | null {
    const old = this.#libraries.get(library.name);
    if (old !== undefined && !replaces) return `Library '${library.name}' already exists`;
    for (const [key, { name }] of library.functions) {
      if (this.#functions.has(key) && old?.functions.has(key) !== true) {
        return `Function ${name} already exists`;
      }
    }
    if (old !== undefined) this.#unlink(old);
    this.#link(library);
    return null;
  }

  /** Adds all of another set, or none. @returns what is wrong, or null. */
  join(other: Libraries, replaces: boolean): string | null {
    const libraries = new Map(this.#libraries);
    const functions = new Map(this.#functions);
    for (const { name } of other.all()) {
      const old = libraries.get(name);
      if (old === undefined) continue;
      if (!replaces) return `Library ${name} already exists`;
      libraries.delete(name);
      for (const each of old.functions.keys()) functions.delete(each);
    }
    for (const library of other.all()) {
      for (const [key, { name }] of library.functions) {
        if (functions.has(key)) return `Function ${name} already exists`;
      }
    }
    this.#libraries = libraries;
    this.#functions = functions;
    for (const library of other.all()) this.#link(library);
    return null;
  }

  /** Takes the place of all that there was. */
  replaceWith(other: Libraries): void {
    this.#libraries = other.#libraries;
    this.#functions = other.#functions;
  }

  /** @returns false when there is no such library. */
  delete(name: string): boolean {
    const library = this.#libraries.get(name);
    if (library === undefined) return false;
    this.#unlink(library);
    return true;
  }

  clear(): void {
    this.#libraries = new Map();
    this.#functions = new Map();
  }

  #link(library: Library): void {
    this.#libraries.set(library.name, library);
    for (const [name, each] of library.functions) this.#functions.set(name, each);
  }

  #unlink(library: Library): void {
    this.#libraries.delete(library.name);
    for (const name of library.functions.keys()) this.#functions.delete(name);
  }
}
