// Keeps the compiled forms of the scripts that ran of late. Compiled, a script takes ten to forty
// times the bytes of its text, and programs that put values into their scripts make a new one for
// each call; Redis keeps them all. Here the texts stay, and what has not run for long is compiled
// again when it does.
//
// Time is counted in forms that were made: as long as none is made, none need go.

/** So many scripts keep their forms, with so many characters of text in all. */
export const MAX_COMPILED = 2000;
export const MAX_COMPILED_CHARS = 2_000_000;

export interface Compiled {
  /** Characters of its text. */
  readonly length: number;
  /** When it ran last. */
  usedAt: number;
  /** It has a form that could be let go. */
  readonly isHeld: boolean;
  letGo(): void;
}

export class CompiledScripts {
  #now = 0;
  #chars = 0;
  #held: Compiled[] = [];

  /** The time, for `usedAt`. */
  get now(): number {
    return this.#now;
  }

  /** A form of a script was made; those of others may be let go. */
  add(script: Compiled): void {
    script.usedAt = ++this.#now;
    this.#held.push(script);
    this.#chars += script.length;
    if (this.#held.length > MAX_COMPILED || this.#chars > MAX_COMPILED_CHARS) this.#clean(script);
  }

  /** Half of what may be held is kept, of the scripts that ran last. */
  #clean(latest: Compiled): void {
    const scripts = [...new Set(this.#held)].filter((script) => script.isHeld);
    scripts.sort((a, b) => b.usedAt - a.usedAt);
    this.#held = [];
    this.#chars = 0;
    for (const script of scripts) {
      const isKept =
        script === latest ||
        (this.#held.length < MAX_COMPILED / 2 &&
          this.#chars + script.length <= MAX_COMPILED_CHARS / 2);
      if (!isKept) {
        script.letGo();
        continue;
      }
      this.#held.push(script);
      this.#chars += script.length;
    }
  }

  clear(): void {
    this.#held = [];
    this.#chars = 0;
  }
}
