// Makes the nodes of a sorted index of members that are known in their order, as a dump has them:
// leaves first, each full, then the levels above them. Nothing is searched or moved, where adding
// the members one by one would do both. Only the sorted index calls.

import { type Arena, NULL_REF } from '../memory/arena.ts';
import { scoreOfMember } from './sorted-index-entry.ts';
import { createNode, INNER_CAPACITY, LEAF_CAPACITY, NodeView } from './sorted-index-nodes.ts';

/** The nodes of one level, and what the level above must know of each. */
interface Level {
  readonly nodes: number[];
  readonly sizes: number[];
  readonly firstRefs: number[];
}

export interface FilledIndex {
  readonly root: number;
  readonly height: number;
  readonly first: number;
  readonly last: number;
}

/** @param refs members, at least one, from the last of the order to the first. */
export function fillIndex(arena: Arena, refs: Int32Array, count: number): FilledIndex {
  let level = makeLeaves(arena, refs, count);
  const first = level.nodes[0]!;
  const last = level.nodes[level.nodes.length - 1]!;
  let height = 0;
  for (; level.nodes.length > 1; height++) level = makeLevelAbove(arena, level);
  return { root: level.nodes[0]!, height, first, last };
}

function makeLeaves(arena: Arena, refs: Int32Array, count: number): Level {
  const level: Level = { nodes: [], sizes: [], firstRefs: [] };
  const leaf = new NodeView(arena);
  let previous = NULL_REF;
  for (let done = 0; done < count; ) {
    const size = Math.min(LEAF_CAPACITY, count - done);
    const ref = createNode(arena);
    leaf.load(ref);
    leaf.previous = previous;
    leaf.count = size;
    for (let i = 0; i < size; i++) {
      const member = refs[count - 1 - done - i]!;
      leaf.setLeafEntry(i, scoreOfMember(arena, member), member);
    }
    if (previous !== NULL_REF) {
      leaf.load(previous);
      leaf.next = ref;
    }
    level.nodes.push(ref);
    level.sizes.push(size);
    level.firstRefs.push(refs[count - 1 - done]!);
    previous = ref;
    done += size;
  }
  return level;
}

function makeLevelAbove(arena: Arena, below: Level): Level {
  const level: Level = { nodes: [], sizes: [], firstRefs: [] };
  const node = new NodeView(arena);
  const total = below.nodes.length;
  for (let from = 0; from < total; from += INNER_CAPACITY) {
    const ref = createNode(arena);
    node.load(ref);
    let size = 0;
    const end = Math.min(from + INNER_CAPACITY, total);
    for (let i = from; i < end; i++) {
      const first = below.firstRefs[i]!;
      const childSize = below.sizes[i]!;
      node.insertChild(i - from, below.nodes[i]!, childSize, scoreOfMember(arena, first), first);
      size += childSize;
    }
    level.nodes.push(ref);
    level.sizes.push(size);
    level.firstRefs.push(below.firstRefs[from]!);
  }
  return level;
}
