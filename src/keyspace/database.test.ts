import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/random.ts';
import { copyKey } from '../structures/entry.ts';
import { NO_EXPIRY } from './database.ts';
import { Keyspace } from './keyspace.ts';
import { editString } from './string-edit.ts';

function newKeyspace(): Keyspace {
  const random = seededRandom(5);
  const keyspace = new Keyspace({
    databases: 3,
    seed: { low: 1, high: 2 },
    randomBelow: (bound) => random.below(bound),
    arena: { debug: true },
  });
  keyspace.setNow(1000);
  return keyspace;
}

interface Value {
  bytes: Buffer;
  expiry: number;
}

type Model = Map<string, Value>[];

const stepArbitrary = fc.record({
  kind: fc.constantFrom(
    'set',
    'edit',
    'del',
    'expire',
    'persist',
    'move',
    'copy',
    'time',
    'swap',
    'defrag',
    'flush',
  ),
  db: fc.nat(2),
  other: fc.nat(2),
  key: fc.nat(12),
  otherKey: fc.nat(12),
  length: fc.oneof(fc.nat(60), fc.nat(3000)),
  keep: fc.boolean(),
  delta: fc.integer({ min: 1, max: 400 }),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** Applies a step to the keyspace and to the model. */
function apply(keyspace: Keyspace, model: Model, step: Step): void {
  const db = keyspace.databases[step.db]!;
  const known = model[step.db]!;
  const key = Buffer.from(`key-${step.key}`);
  const name = key.toString();
  const found = db.lookup(key, 0, key.length);
  expect(found !== 0).toBe(known.has(name));
  switch (step.kind) {
    case 'set': {
      const bytes = Buffer.alloc(step.length, 65 + step.key);
      db.setString(found, key, 0, key.length, bytes, 0, bytes.length, step.keep);
      const expiry = step.keep ? (known.get(name)?.expiry ?? NO_EXPIRY) : NO_EXPIRY;
      known.set(name, { bytes, expiry });
      return;
    }
    case 'edit': {
      const ref = editString(db, found, key, 0, key.length, step.length);
      const old = known.get(name) ?? { bytes: Buffer.alloc(0), expiry: NO_EXPIRY };
      const grown = Buffer.alloc(Math.max(old.bytes.length, step.length));
      old.bytes.copy(grown);
      keyspace.strings.view(ref);
      if (grown.length > 0) {
        keyspace.strings.bytes[keyspace.strings.offset + grown.length - 1] = 33;
        grown[grown.length - 1] = 33;
      }
      known.set(name, { bytes: grown, expiry: old.expiry });
      return;
    }
    case 'del':
      if (found !== 0) db.removeFound(found);
      known.delete(name);
      return;
    case 'expire':
      if (found === 0) return;
      db.setExpiryFound(found, keyspace.nowMs + step.delta);
      known.get(name)!.expiry = keyspace.nowMs + step.delta;
      return;
    case 'persist':
      if (found === 0) return;
      expect(db.clearExpiry(found)).toBe(known.get(name)!.expiry !== NO_EXPIRY);
      known.get(name)!.expiry = NO_EXPIRY;
      return;
    case 'move':
    case 'copy':
      moveOrCopy(keyspace, model, step, found);
      return;
    case 'time':
      keyspace.setNow(keyspace.nowMs + step.delta);
      if (step.keep) keyspace.expireDue(() => true);
      for (const one of model) {
        for (const [k, v] of one)
          if (v.expiry !== NO_EXPIRY && keyspace.nowMs > v.expiry) one.delete(k);
      }
      return;
    case 'swap': {
      keyspace.swap(step.db, step.other);
      const swapped = model[step.db]!;
      model[step.db] = model[step.other]!;
      model[step.other] = swapped;
      return;
    }
    case 'defrag':
      for (let cursor = db.defragment(0, () => {}); cursor !== 0; )
        cursor = db.defragment(cursor, () => {});
      return;
    case 'flush':
      if (step.delta > 20) return;
      db.empty(step.keep);
      keyspace.lazyFree.finish();
      known.clear();
  }
}

function moveOrCopy(keyspace: Keyspace, model: Model, step: Step, found: number): void {
  const db = keyspace.databases[step.db]!;
  const target = keyspace.databases[step.other]!;
  const key = Buffer.from(`key-${step.key}`);
  const newKey = Buffer.from(`key-${step.otherKey}`);
  if (found === 0 || (db === target && step.key === step.otherKey)) return;
  const value = model[step.db]!.get(key.toString())!;
  if (step.kind === 'move') {
    db.moveTo(found, key, 0, key.length, target, newKey, 0, newKey.length);
    model[step.db]!.delete(key.toString());
    model[step.other]!.set(newKey.toString(), value);
    return;
  }
  if (target.lookup(newKey, 0, newKey.length) !== 0) return;
  db.copyTo(db.lookup(key, 0, key.length), target, newKey, 0, newKey.length);
  model[step.other]!.set(newKey.toString(), {
    bytes: Buffer.from(value.bytes),
    expiry: value.expiry,
  });
}

function check(keyspace: Keyspace, model: Model): void {
  model.forEach((known, id) => {
    const db = keyspace.databases[id]!;
    for (const [name, value] of known) {
      const key = Buffer.from(name);
      const ref = db.lookup(key, 0, key.length);
      expect(ref).not.toBe(0);
      expect(Buffer.from(copyKey(keyspace.arena, ref)).toString()).toBe(name);
      keyspace.strings.view(ref);
      const { bytes, offset, length } = keyspace.strings;
      expect(Buffer.from(bytes.subarray(offset, offset + length)).equals(value.bytes)).toBe(true);
      expect(db.expiryOf(ref)).toBe(value.expiry);
    }
  });
}

describe('Database', () => {
  it('agrees with a model under random operations and leaks nothing', () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 150 }), (steps) => {
        const keyspace = newKeyspace();
        const model: Model = [new Map(), new Map(), new Map()];
        for (const step of steps) apply(keyspace, model, step);
        check(keyspace, model);
        keyspace.destroy();
        expect(keyspace.arena.leaks()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('takes 64 bytes for a key of 16 and a value of 32, with the table', () => {
    const keyspace = newKeyspace();
    const db = keyspace.databases[0]!;
    const value = Buffer.alloc(32, 120);
    for (let i = 0; i < 4096; i++) {
      const key = Buffer.from(`key:${String(i).padStart(12, '0')}`);
      db.setString(db.lookup(key, 0, 16), key, 0, 16, value, 0, 32, false);
    }
    while (db.dict.isRehashing) db.dict.rehashBuckets(100);
    expect(keyspace.arena.usedBytes / 4096).toBe(64 + 4);
  });

  it('deletes expired keys on lookup and by the cron, soonest first', () => {
    const keyspace = newKeyspace();
    const db = keyspace.databases[0]!;
    const expired: string[] = [];
    keyspace.listener = {
      onExpired: (_db, key, offset, length) => {
        expired.push(Buffer.from(key.subarray(offset, offset + length)).toString());
      },
      onEvicted: () => {},
      onFieldsExpired: () => {},
      onNewKey: () => {},
      onDeleted: () => {},
      onSwapped: () => {},
      onFlushed: () => {},
    };
    for (const [name, time] of [
      ['c', 3000],
      ['a', 1001],
      ['b', 2000],
    ] as const) {
      const key = Buffer.from(name);
      db.setString(db.lookup(key, 0, 1), key, 0, 1, key, 0, 1, false);
      db.setExpiryFound(db.lookup(key, 0, 1), time);
    }
    keyspace.setNow(1001);
    expect(db.lookup(Buffer.from('a'), 0, 1)).not.toBe(0);
    keyspace.setNow(1002);
    expect(db.lookup(Buffer.from('a'), 0, 1)).toBe(0);
    keyspace.setNow(5000);
    expect(keyspace.expireDue(() => true)).toBe(false);
    expect(expired).toEqual(['a', 'b', 'c']);
    expect(keyspace.expiredKeys).toBe(3);
  });
});
