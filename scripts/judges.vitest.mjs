// Vitest's configuration for the tests of the judges: the oracle's own parts, the reader of Redis's
// suite, the load test, and the raw client that all tests use. Apart from vitest.config.ts because
// these test no part of the product.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { name: 'judges', include: ['test/{support,oracle,redis-suite,load}/**/*.test.ts'] },
});
