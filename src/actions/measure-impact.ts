// Reads what the key was used for in the last hour, so that whoever presses the red button knows what stops.

import type { Action } from '../domain/ports.ts';
import { impactOf, type UsageQuery } from '../domain/usage.ts';
import { confirmedKey, providerOf } from './provider-of.ts';

const HOUR_MS = 3_600_000;
const MODELS = 5;

/** Observes `impact`. */
export const measureImpact: Action = {
  name: 'anthropic/measure-impact@1',
  effect: 'read',
  needs: 'provider',
  maxAttempts: 4,
  async perform(world) {
    const { id } = confirmedKey(world);
    const endingAt = world.now();
    const query: UsageQuery = {
      keys: [id],
      startingAt: endingAt - HOUR_MS,
      endingAt,
      bucket: '1m',
      groupBy: ['model'],
    };
    const report = await providerOf(world).usage(query, world.signal);
    const { requests, uncounted, models } = impactOf(report);
    return {
      type: 'impact',
      impact: {
        starting_at: new Date(report.startingAt).toISOString(),
        ending_at: new Date(report.endingAt).toISOString(),
        refreshed_at: report.refreshedAt === null ? null : new Date(report.refreshedAt).toISOString(),
        requests,
        uncounted,
        models: models
          .slice(0, MODELS)
          .map((one) => ({ model: one.model ?? 'unknown model', requests: one.requests })),
      },
    };
  },
};
