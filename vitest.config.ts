import { defineConfig, type ViteUserConfig } from 'vitest/config';

// Three projects: `unit` (beside the source), `integration` (a server and real clients),
// `tidy` (the rules of the house, run by `npm run check` too).
const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { extends: true, test: { name: 'tidy', include: ['test/tidy/**/*.test.ts'] } },
    ],
  },
});

export default config;
