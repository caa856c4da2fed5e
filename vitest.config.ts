import { defineConfig } from 'vitest/config';

// fast: every commit. slow: real processes, whole commands, and the flows beside the main one; only the whole gate runs them, and it alone (mode `whole`) tries
// every property with all its cases. soak: stories without end, by `npm run soak` alone.
export default defineConfig(({ mode }) => ({
  test: {
    env: { THOROUGH: mode === 'whole' ? 'yes' : 'no' },
    testTimeout: 20_000,
    isolate: false,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/**/*.slow.test.ts'] },
      },
      { extends: true, test: { name: 'slow', include: ['test/**/*.slow.test.ts'], testTimeout: 120_000 } },
      ...(mode === 'soak'
        ? [{ extends: true as const, test: { name: 'soak', include: ['test/**/*.soak.ts'] } }]
        : []),
    ],
  },
}));
