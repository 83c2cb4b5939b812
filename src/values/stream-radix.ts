// The number of nodes that Redis's radix tree would have for a stream: XINFO STREAM shows it. The
// keys are the 16 bytes of the nodes' first IDs; their common prefixes give the shape of the tree.
//
//   leaves + branches + stretches of several bytes between them, each of which is a node of Redis

import type { IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import type { StreamId } from '../structures/id-tree-id.ts';

const KEY_BYTES = 16;
/** Keys that are looked at; from there on the number is in proportion. */
const MAX_KEYS = 10000;

/**
 * Nodes of Redis's radix tree for the keys of a tree; `place`, `id` and `before` are work space.
 */
export function radixNodeCount(
  ids: IdTree,
  tree: number,
  place: IdTreeCursor,
  id: StreamId,
  before: StreamId,
): number {
  const count = ids.count(tree);
  if (count === 0) return 1;
  const looks = count > MAX_KEYS ? MAX_KEYS : count;
  // Depths of the branches on the way to the current key, the deepest last.
  const branches: number[] = [];
  let nodes = 0;
  let shared = -1;
  ids.first(tree, place);
  ids.idAt(place, before);
  for (let i = 1; i <= looks; i++) {
    let next = -1;
    if (i < looks && ids.next(place)) {
      ids.idAt(place, id);
      next = sharedBytes(before, id);
      before.copyFrom(id);
    }
    nodes += 1 + stretch(shared > next ? shared : next, KEY_BYTES);
    for (let depth = branches.at(-1) ?? -1; depth > next; depth = branches.at(-1) ?? -1) {
      branches.pop();
      const parent = branches.at(-1) ?? -1;
      nodes += 1 + stretch(parent > next ? parent : next, depth);
    }
    if (next >= 0 && branches.at(-1) !== next) branches.push(next);
    shared = next;
  }
  return Math.round((nodes / looks) * count);
}

/** One node where bytes lie between a branch (-1: the root's beginning) and what is below it. */
function stretch(parentDepth: number, depth: number): number {
  return depth - parentDepth - 1 > 0 ? 1 : 0;
}

/** Bytes that two different IDs have in common from the start. */
function sharedBytes(a: StreamId, b: StreamId): number {
  if (a.msHigh !== b.msHigh) return Math.clz32(a.msHigh ^ b.msHigh) >> 3;
  if (a.msLow !== b.msLow) return 4 + (Math.clz32(a.msLow ^ b.msLow) >> 3);
  if (a.seqHigh !== b.seqHigh) return 8 + (Math.clz32(a.seqHigh ^ b.seqHigh) >> 3);
  return 12 + (Math.clz32(a.seqLow ^ b.seqLow) >> 3);
}
