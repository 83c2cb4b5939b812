// Work space of the stream commands of one keyspace: IDs, counters, cursors and a reader that each
// command fills anew, so that none makes an object. Nothing in it outlives a command.

import type { Arena } from '../memory/arena.ts';
import { type IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { Counter64 } from './stream-counter.ts';
import { StreamCursor } from './stream-cursor.ts';
import { StreamIdReader, StreamIdText } from './stream-id-text.ts';
import { StreamTrim } from './stream-trim.ts';

/** What XREAD and XREADGROUP were asked for: numbers of arguments, and limits. */
export class StreamRequest {
  /** -1: does not wait, 0: for ever. */
  timeoutMs = -1;
  /** Entries of each stream at most; 0: all. */
  count = 0;
  /** The first key; as many IDs follow the keys. */
  firstKey = 0;
  streamCount = 0;
  /** The group's name, which its consumer's follows; 0: none. */
  groupIndex = 0;
  noAck = false;
}

export class StreamWorkspace {
  /** The ID a command is about. */
  readonly id: StreamId = new StreamId();
  /** The bounds of a range. */
  readonly from: StreamId = new StreamId();
  readonly to: StreamId = new StreamId();
  /** The last ID of a stream or group. */
  readonly last: StreamId = new StreamId();
  readonly counter: Counter64 = new Counter64();
  /** Over entries. */
  readonly cursor: StreamCursor;
  /** Over pending entries. */
  readonly place: IdTreeCursor = new IdTreeCursor();
  readonly trim: StreamTrim = new StreamTrim();
  readonly request: StreamRequest = new StreamRequest();
  readonly reader: StreamIdReader = new StreamIdReader();
  readonly text: StreamIdText = new StreamIdText();

  constructor(arena: Arena, ids: IdTree) {
    this.cursor = new StreamCursor(arena, ids);
  }
}
