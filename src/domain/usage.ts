// What a provider knows of the use of keys, and the three questions that an incident puts to it. What was not counted, and
// what is newer than the watermark, is told apart from "no use": neither is ever taken for zero.

/** Asks for use from `startingAt` (inclusive) to `endingAt` (exclusive), both milliseconds since the epoch. */
export interface UsageQuery {
  /** Ids of keys at the provider; none means every key, and use without a key. */
  readonly keys: readonly string[];
  readonly startingAt: number;
  readonly endingAt: number;
  /** Width of a row in time: a minute, an hour or a UTC day. */
  readonly bucket: '1m' | '1h' | '1d';
  /** What rows are told apart by, besides time. */
  readonly groupBy: readonly ('key' | 'model')[];
}

/** Use in one bucket of time, from `startingAt` (inclusive) to `endingAt` (exclusive), milliseconds since the epoch. */
export interface UsageRow {
  readonly startingAt: number;
  readonly endingAt: number;
  /** Null where rows are not grouped by key, or the use had none. */
  readonly key: string | null;
  /** Null where rows are not grouped by model, or the use had none. */
  readonly model: string | null;
  /** Null where the provider tells of use but did not count its requests. */
  readonly requests: number | null;
  /** All of them: fresh, written to a cache, read from a cache. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface UsageReport {
  readonly rows: readonly UsageRow[];
  /** The range that was asked for in the end, milliseconds since the epoch: whole buckets, within the provider's limits. */
  readonly startingAt: number;
  readonly endingAt: number;
  /** Watermark of the provider, milliseconds since the epoch: anything newer is incomplete. Null: it gave none, so nothing is known to be complete. */
  readonly refreshedAt: number | null;
  /** `legacy` counts tokens but no requests. */
  readonly source: 'analytics' | 'legacy';
  /** Of the last request that it took. */
  readonly requestId: string | null;
}

/** A number of requests. Where `uncounted`, there was also use whose requests the provider did not count: `requests` is a lower bound. */
export interface UsageCount {
  readonly requests: number;
  readonly uncounted: boolean;
}

export interface ModelUse extends UsageCount {
  /** Null: use that the provider attributes to no model. */
  readonly model: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Impact extends UsageCount {
  /** Most requests first, then most tokens. */
  readonly models: readonly ModelUse[];
}

/** All use in a report, by model; models only where the report is grouped by them. */
export function impactOf(report: UsageReport): Impact {
  const models = new Map<string | null, ModelUse>();
  for (const row of report.rows.filter(isUse)) {
    const known = models.get(row.model);
    models.set(row.model, {
      model: row.model,
      ...counted([row], known),
      inputTokens: (known?.inputTokens ?? 0) + row.inputTokens,
      outputTokens: (known?.outputTokens ?? 0) + row.outputTokens,
    });
  }
  return {
    ...counted(report.rows),
    models: [...models.values()].sort(
      (a, b) =>
        b.requests - a.requests || tokens(b) - tokens(a) || ((a.model ?? '') < (b.model ?? '') ? -1 : 1),
    ),
  };
}

/**
 * When each key was last used: the end of its last bucket with use, milliseconds since the epoch. The use itself was before that,
 * by up to a bucket's width. A key that is missing was not used between the report's start and its watermark.
 */
export function lastUseByKey(report: UsageReport): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { key, endingAt } of report.rows.filter(isUse)) {
    if (key !== null) last.set(key, Math.max(endingAt, last.get(key) ?? endingAt));
  }
  return last;
}

export interface UseAfter extends UsageCount {
  /** Start of the first and end of the last counted bucket with use, milliseconds since the epoch; null when there is none. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Use in the bucket that contains `moment`. It may lie before or after it, so it is in none of the numbers above. */
  readonly straddling: UsageCount;
}

/**
 * Use of one key after `moment` (milliseconds since the epoch), of a report grouped by key. Only buckets that start at or after it
 * are counted; the one that straddles it is told apart, because nobody can say on which side its requests were.
 */
export function requestsAfter(report: UsageReport, key: string, moment: number): UseAfter {
  const rows = report.rows.filter((row) => row.key === key && row.endingAt > moment && isUse(row));
  const after = rows.filter((row) => row.startingAt >= moment);
  return {
    ...counted(after),
    firstAt: after.length === 0 ? null : Math.min(...after.map((row) => row.startingAt)),
    lastAt: after.length === 0 ? null : Math.max(...after.map((row) => row.endingAt)),
    straddling: counted(rows.filter((row) => row.startingAt < moment)),
  };
}

/** A row without requests and without tokens tells of no use. */
function isUse(row: UsageRow): boolean {
  return (row.requests ?? 0) > 0 || tokens(row) > 0;
}

function counted(rows: readonly UsageRow[], before?: UsageCount): UsageCount {
  return {
    requests: rows.reduce((sum, row) => sum + (row.requests ?? 0), before?.requests ?? 0),
    uncounted: (before?.uncounted ?? false) || rows.some((row) => row.requests === null && isUse(row)),
  };
}

function tokens({ inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }): number {
  return inputTokens + outputTokens;
}
