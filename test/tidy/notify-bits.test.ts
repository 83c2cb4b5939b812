// The bits of notify-keyspace-events stand in two layers that may not import each other: the
// configuration reads letters into them, and commands test them. The server copies the number from
// one to the other, so they must be the same.

import { describe, expect, it } from 'vitest';
import * as configured from '../../src/config/kinds/notify.ts';
import * as tested from '../../src/engine/call.ts';

describe('classes of keyspace notifications', () => {
  const bits = Object.entries(tested).filter(([name]) => name.startsWith('NOTIFY_'));

  it('are the same bits for commands and for the configuration', () => {
    expect(bits.length).toBeGreaterThan(10);
    expect(Object.entries(configured)).toEqual(expect.arrayContaining(bits));
  });
});
