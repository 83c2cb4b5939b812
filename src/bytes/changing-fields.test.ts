import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { changing } from './changing-fields.ts';

/** Functions of V8's own that programs have by a flag only; it stays set, in this process. */
function natives(): { optimize(f: () => void): void; stateOf(f: () => void): number } {
  setFlagsFromString('--allow-natives-syntax');
  return new Function(`return {
    optimize(f) {
      %PrepareFunctionForOptimization(f);
      f();
      f();
      %OptimizeFunctionOnNextCall(f);
      f();
    },
    stateOf(f) {
      return %GetOptimizationStatus(f);
    },
  }`)();
}

class Settings {
  limit = 0;
  isOn = false;
  mode = 'idle';
  guard: object | null = null;
  offsets = new Int32Array(4);

  constructor() {
    changing(this, ['limit', 'isOn', 'mode', 'guard', 'offsets']);
  }
}

it('leaves the values as they were', () => {
  const settings = new Settings();
  expect(settings).toEqual({
    limit: 0,
    isOn: false,
    mode: 'idle',
    guard: null,
    offsets: new Int32Array(4),
  });
});

it('keeps what is compiled when such a field changes', () => {
  const { optimize, stateOf } = natives();
  const settings = new Settings();
  const read = () =>
    settings.limit +
    Number(settings.isOn) +
    settings.mode.length +
    Number(settings.guard === null) +
    settings.offsets[0]!;
  read();
  const before = stateOf(read);
  optimize(read);
  const optimized = stateOf(read);
  expect(optimized).not.toBe(before);
  settings.limit = 1;
  settings.isOn = true;
  settings.mode = 'busy';
  settings.offsets = new Int32Array(8);
  settings.guard = {};
  expect(stateOf(read)).toBe(optimized);
  expect(read()).toBe(6);
});

it('refuses a value of which it knows no other', () => {
  expect(() => changing({ at: undefined }, ['at'])).toThrow('another undefined is not known');
});
