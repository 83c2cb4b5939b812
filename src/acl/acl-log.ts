// ACL LOG: what was refused, newest first. The same refusal within a minute of its last is counted
// rather than listed again. https://redis.io/docs/latest/commands/acl-log/

export type DeniedReason = 'auth' | 'command' | 'key' | 'channel';
export type LogContext = 'toplevel' | 'multi' | 'lua';

/** A refusal. Texts are of one character a byte. */
export interface Denial {
  readonly reason: DeniedReason;
  readonly context: LogContext;
  /** The command, key or channel that was refused; for `auth` the command that was sent. */
  readonly object: string;
  readonly username: string;
  /** The client's line of CLIENT LIST. */
  readonly clientInfo: string;
}

export interface AclLogEntry extends Denial {
  readonly id: number;
  readonly createdMs: number;
  clientInfo: string;
  updatedMs: number;
  count: number;
}

/** Refusals further apart than this are listed each on its own. */
const GROUPING_MS = 60_000;
/** So many of the newest entries are looked through for one to count with. */
const ENTRIES_COMPARED = 10;

function isSame(entry: AclLogEntry, denial: Denial, nowMs: number): boolean {
  return (
    entry.reason === denial.reason &&
    entry.context === denial.context &&
    Math.abs(entry.updatedMs - nowMs) <= GROUPING_MS &&
    entry.object === denial.object &&
    entry.username === denial.username
  );
}

export class AclLog {
  #entries: AclLogEntry[] = [];
  #nextId = 0;

  /** The entries, newest first. */
  get entries(): readonly AclLogEntry[] {
    return this.#entries;
  }

  /** Adds a refusal. @param maxLength entries that are kept. */
  add(denial: Denial, nowMs: number, maxLength: number): void {
    const entries = this.#entries;
    const at = entries
      .slice(0, ENTRIES_COMPARED)
      .findIndex((entry) => isSame(entry, denial, nowMs));
    const known = entries[at];
    if (known !== undefined) {
      entries.splice(at, 1);
      known.clientInfo = denial.clientInfo;
      known.updatedMs = nowMs;
      known.count++;
      entries.unshift(known);
      return;
    }
    const id = this.#nextId++;
    entries.unshift({ ...denial, id, createdMs: nowMs, updatedMs: nowMs, count: 1 });
    if (entries.length > maxLength) entries.length = maxLength;
  }

  /** ACL LOG RESET: numbers go on. */
  clear(): void {
    this.#entries = [];
  }
}
