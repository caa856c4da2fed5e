// The real bot on a real file, killed and started again while people go on. Each life begins half a minute after the one
// before it, by the clock of the bot and of all services.

import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { openReader } from '../../src/store/reader.ts';
import { PROD } from '../flows/scene.ts';
import { verifyDatabase } from '../support/verified.ts';
import { bot, type Ended, openPractice, type Practice } from './processes.ts';
import { troubledPeople } from './troubled-people.ts';

/** Longer than what is in doubt is waited for. */
const STEP_MS = 31_000;

export interface Ordeal {
  readonly practice: Practice;
  /** A life of the bot from its start, `after` milliseconds from the last one's, to its death; null when it lived on until nothing was left to do. */
  live(deadly: Readonly<Record<string, string>>, after?: number): Promise<string | null>;
}

export async function openOrdeal(parts: Parameters<typeof openPractice>[0] = {}): Promise<Ordeal> {
  let ahead = 0;
  const practice = await openPractice({ ...parts, ahead: () => ahead });
  const act = troubledPeople(practice);
  return {
    practice,
    async live(deadly, after = STEP_MS) {
      ahead += after;
      const life = bot(practice.folder, { ...practice.env, ...deadly, AHEAD: String(ahead) });
      let end: Ended | null = null;
      void life.ended.then((ended) => {
        end = ended;
      });
      await life.says('connected to Slack').catch(() => undefined);
      const lively = (): boolean => end === null;
      for (let idle = 0; idle < 25 && lively(); idle += 1) {
        if (practice.slack.connections() > 0) await act();
        await new Promise((resolve) => setTimeout(resolve, 40));
        if (dueRuns(practice, Date.now() + ahead) > 0) idle = Math.min(idle, 20);
      }
      life.signal('SIGTERM');
      const { err, signal } = await life.ended;
      const died = /dies at (\S+)/.exec(err)?.[1] ?? null;
      if (died === null) expect(signal, err).toBeNull();
      return died;
    },
  };
}

function dueRuns({ database }: Practice, now: number): number {
  const db = new Database(database, { readonly: true });
  try {
    const counted = db
      .prepare(
        "SELECT count(*) AS count FROM action_runs WHERE state IN ('pending', 'claimed', 'unknown') AND not_before <= ?",
      )
      .get(now) as { count: number };
    return counted.count;
  } finally {
    db.close();
  }
}

async function checkEnd({ slack, anthropic, paging, database, faults }: Practice): Promise<void> {
  expect(faults).toEqual([]);
  expect((await verifyDatabase(database)).findings).toEqual([]);
  expect(anthropic.key(PROD)?.status).toBe('inactive');
  expect(anthropic.requests().filter(({ method }) => method === 'POST').length).toBeGreaterThan(0);
  const reader = openReader(database);
  try {
    const log = ((await reader.load('KL-1')) ?? []).map(({ entry }) => entry);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    const count = (kind: string) => log.filter((entry) => entry.kind === kind).length;
    expect([count('incident.declared'), count('channel.opened'), count('card.posted')]).toEqual([1, 1, 1]);
    expect(log.filter((entry) => entry.kind === 'key.deactivated')).toMatchObject([
      { data: { id: PROD, already: false } },
    ]);
    const pages = log.flatMap((entry) => (entry.kind === 'page.sent' ? [entry.data.page] : []));
    expect(
      paging
        .pages()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(pages.toSorted());
  } finally {
    await reader.close();
  }
  const markers = slack
    .channels()
    .flatMap(({ messages }) => messages.map(({ metadata }) => metadata?.event_payload.run))
    .filter((marker) => marker !== undefined);
  expect(markers.filter((marker, index) => markers.indexOf(marker) !== index)).toEqual([]);
}

/** Lives on until nothing more is to be done; then every promise has been kept. */
export async function rest({ practice, live }: Ordeal): Promise<void> {
  for (let life = 0; life < 3; life += 1) expect(await live({})).toBeNull();
  const db = new Database(practice.database, { readonly: true });
  const left = db
    .prepare("SELECT step, state FROM action_runs WHERE state IN ('claimed', 'unknown', 'failed')")
    .all();
  db.close();
  expect(left).toEqual([]);
  await checkEnd(practice);
}
