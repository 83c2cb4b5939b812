import { describe, expect, it } from 'vitest';
import { endingSignals } from './process-state.ts';

describe('endingSignals', () => {
  it('leaves SIGHUP, the lost terminal, without effect on POSIX systems', () => {
    for (const platform of ['linux', 'darwin'] as const) {
      expect(endingSignals(platform)).toEqual({ SIGTERM: 'SIGTERM', SIGINT: 'SIGINT' });
    }
  });

  it('saves when the console of Windows is closed or sends Ctrl+Break', () => {
    expect(endingSignals('win32')).toEqual({
      SIGTERM: 'SIGTERM',
      SIGINT: 'SIGINT',
      SIGHUP: 'SIGTERM',
      SIGBREAK: 'SIGTERM',
    });
  });
});
