import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';
import { afterEach, expect, it } from 'vitest';
import { engineTuning, setServingFlags, setStartFlags } from './engine-flags.ts';

// The tag tells settings of V8 apart.
const tag = cachedDataVersionTag;

function inline(one: number, all: number): void {
  setFlagsFromString(`--max-inlined-bytecode-size=${one}`);
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${all}`);
}

/** From Node 24 on the tag does not tell of this one. */
function tellsOfFeedback(): boolean {
  setFlagsFromString('--lazy-feedback-allocation');
  const lazy = tag();
  setFlagsFromString('--no-lazy-feedback-allocation');
  const eager = tag();
  setFlagsFromString('--lazy-feedback-allocation');
  return eager !== lazy;
}

afterEach(() => {
  setFlagsFromString('--lazy-feedback-allocation');
  inline(460, 920);
});

it('has V8 inline more, but less where there are large scripts and during snapshots', () => {
  setFlagsFromString('--no-parallel-scavenge');
  // The bound of one function stays: V8 aborts when it becomes lower while a function is compiled.
  inline(1000, 400);
  const less = tag();
  setStartFlags();
  const wide = tag();
  expect(wide).not.toBe(less);
  const tuning = engineTuning();
  tuning.onSnapshot(true);
  expect(tag()).toBe(less);
  tuning.onSnapshot(false);
  expect(tag()).toBe(wide);
  tuning.onLargeScript();
  expect(tag()).toBe(less);
  tuning.onSnapshot(true);
  tuning.onSnapshot(false);
  expect(tag()).toBe(less);
});

const itTells = it.skipIf(!tellsOfFeedback());

itTells('has functions take note of types at once while it serves, and not at the start', () => {
  setStartFlags();
  const atStart = tag();
  setServingFlags();
  expect(tag()).not.toBe(atStart);
  setStartFlags();
  expect(tag()).toBe(atStart);
});

it('leaves what the user of the process has set', () => {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS =
    '--no_lazy_feedback_allocation --max-inlined-bytecode-size-cumulative=1500';
  try {
    setStartFlags();
    const own = tag();
    setServingFlags();
    expect(tag()).toBe(own);
    engineTuning().onLargeScript();
    setFlagsFromString('--max-inlined-bytecode-size=1000');
    expect(tag()).toBe(own);
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
});
