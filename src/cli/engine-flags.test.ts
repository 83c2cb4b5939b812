import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { setEngineFlags } from './engine-flags.ts';

it('has V8 inline more, and takes it back', () => {
  // The tag tells settings of V8 apart.
  setFlagsFromString('--no-parallel-scavenge');
  const own = cachedDataVersionTag();
  const narrow = setEngineFlags();
  const wide = cachedDataVersionTag();
  expect(wide).not.toBe(own);
  narrow();
  expect(cachedDataVersionTag()).toBe(own);
  setEngineFlags();
  expect(cachedDataVersionTag()).toBe(wide);
  narrow();
});

it('leaves what the user of the process has set', () => {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = '--max-inlined-bytecode-size-cumulative=1500';
  try {
    const own = cachedDataVersionTag();
    setEngineFlags()();
    expect(cachedDataVersionTag()).toBe(own);
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
});
