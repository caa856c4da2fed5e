// What holds at the end of every story, once the network has healed.

import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { Entry, LoggedEntry } from '../../src/domain/entry.ts';
import { foldIncident } from '../../src/domain/evolve.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { runbookHash } from '../../src/domain/runbook.ts';
import { exportCsv } from '../../src/export/csv.ts';
import { exportHtml } from '../../src/export/html.ts';
import { exportJson, exportNdjson } from '../../src/export/json.ts';
import { exportMarkdown } from '../../src/export/markdown.ts';
import { openReader } from '../../src/store/reader.ts';
import { derivedFrom, derivedIn } from '../support/derived-rows.ts';
import { verifyDatabase } from '../support/verified.ts';
import { readable } from './disguises.ts';
import type { Told } from './story.ts';

const UNAUTHORISED = new Set(['U0SAMO', 'U0GUSH', 'U0DANA']);
const DESTRUCTIVE = new Set([
  'step.started',
  'step.skipped',
  'incident.closed',
  'key.deactivated',
  'key.identified',
]);

/** Resolves to the number of incidents that the story had. */
export async function checkInvariants(told: Told): Promise<number> {
  const { workspace } = told;
  const reader = openReader(workspace.database);
  const db = new Database(workspace.database, { readonly: true });
  try {
    expect((await verifyDatabase(workspace.database)).findings, 'the log verifies').toEqual([]);
    const ids = await reader.incidentIds();
    for (const id of told.opened)
      expect(ids, 'an incident that somebody was told of is in the log').toContain(id);
    const pages: string[] = [];
    const exports: string[] = [];
    for (const id of ids) {
      const logged = (await reader.load(id)) ?? [];
      checkLog(
        told,
        id,
        logged.map(({ entry }) => entry),
      );
      checkNotes(told, id, logged);
      await checkCase(told, id, logged, db);
      for (const { entry } of logged) if (entry.kind === 'page.sent') pages.push(entry.data.page);
      // One is enough to see what an export lets through, and five of every incident take long.
      if (exports.length === 0) exports.push(...(await exported(told, id, logged)));
    }
    const arrived = workspace.paging.pages().map(({ id }) => id);
    expect(arrived.toSorted(), 'the pages that arrived are those of the log').toEqual(pages.toSorted());
    checkSlack(told);
    checkCanary(told, exports);
    return ids.length;
  } finally {
    db.close();
    await reader.close();
  }
}

function checkLog({ workspace }: Told, id: string, log: readonly Entry[]): void {
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  for (const entry of log) {
    if (entry.kind === 'key.deactivated')
      expect(
        workspace.anthropic.key(entry.data.id)?.status,
        `${id}: a logged deactivation is a dead key`,
      ).not.toBe('active');
    if (UNAUTHORISED.has(entry.actor))
      expect(
        DESTRUCTIVE.has(entry.kind) && !(entry.kind === 'step.started' && entry.data.step === 'replace-key'),
        `${entry.actor} ${entry.kind}`,
      ).toBe(false);
    if (entry.kind === 'deadline.missed') {
      expect(entry.data.late_ms).toBeGreaterThanOrEqual(0);
      expect(Date.parse(entry.recorded_at)).toBeGreaterThanOrEqual(Date.parse(entry.data.due_at));
    }
  }
  const once = (name: string, of: (entry: Entry) => string | null): void => {
    const seen = log.map(of).filter((one) => one !== null);
    expect(seen.length, `${id}: ${name} once`).toBe(new Set(seen).size);
  };
  once('each deadline', (e) => (e.kind === 'deadline.missed' ? `${e.data.phase} ${e.data.key ?? ''}` : null));
  once('each death', (e) => (e.kind === 'key.deactivated' ? e.data.key : null));
  once('the room', (e) => (e.kind === 'channel.opened' ? 'room' : null));
  once('the card', (e) => (e.kind === 'card.posted' ? 'card' : null));
  once('each page', (e) => (e.kind === 'page.sent' ? e.data.page : null));
}

function checkNotes(told: Told, id: string, logged: readonly LoggedEntry[]): void {
  const texts = logged.flatMap(({ texts: all }) => Object.values(all).map(({ text }) => text));
  for (const note of told.noted.filter(({ incident: of }) => of === id))
    expect(
      texts.filter((text) => text === note.text),
      `${id}: an acknowledged note is kept once`,
    ).toEqual([note.text]);
}

async function checkCase(
  { workspace }: Told,
  id: string,
  logged: readonly LoggedEntry[],
  db: Database.Database,
): Promise<void> {
  const incident = foldIncident(logged);
  if (incident === null) throw new Error(`${id} cannot be folded`);
  expect(derivedIn(db, id), `${id}: the derived rows are the fold of the log`).toEqual(derivedFrom(incident));
  const view = await workspace.bot().engine.view(id);
  expect(view?.incident, `${id}: what the bot holds is the fold of the log`).toEqual(incident);
  expect(
    view === null ? null : runbookHash(view.runbook),
    `${id}: the runbook that was frozen is the one that runs`,
  ).toBe(incident.runbook.sha256);
  expect(incident.card, `${id}: every incident gets its room and card`).not.toBeNull();
  for (const key of incident.keys)
    expect(
      incident.steps[`deactivate-key/${key.subject}`]?.status,
      `${id}: an accepted deactivation ends`,
    ).not.toBe('running');
  const now = workspace.time.clock.now();
  checkDeadlines(id, incident, db, now);
  // What is to be done later, such as a reminder, has not begun.
  const begun = (await workspace.runs(id)).filter((run) => run.notBefore <= now || run.state !== 'pending');
  for (const run of begun)
    expect(['done', 'needs_human'], `${id}: every intent ends: ${run.step}`).toContain(run.state);
}

/** What is longer due than a look takes was missed, met or cancelled; what is called missed is in the log. */
function checkDeadlines(id: string, incident: Incident, db: Database.Database, now: number): void {
  const rows = db
    .prepare<[string], { phase: string; due_at: number; settled: string | null }>(
      'SELECT phase, due_at, settled FROM deadlines WHERE incident = ?',
    )
    .all(id);
  expect(rows.length, `${id}: it has deadlines`).toBeGreaterThan(0);
  for (const { phase, due_at: due, settled } of rows) {
    if (due < now - 5_000) expect(settled, `${id}: the deadline of ${phase} fires`).not.toBeNull();
    expect(settled === 'missed', `${id}: ${phase} is missed in row and log alike`).toBe(
      phase in incident.missed,
    );
  }
}

async function exported({ workspace }: Told, id: string, entries: readonly LoggedEntry[]): Promise<string[]> {
  const subject = await workspace.bot().engine.view(id);
  if (subject === null) return [];
  const dossier = { case: subject, entries, checkpoints: [], exportedAt: workspace.time.clock.now() };
  return [exportMarkdown, exportHtml, exportJson, exportNdjson, exportCsv].map((form) => form(dossier));
}

function checkSlack({ workspace, archived }: Told): void {
  const { slack } = workspace;
  const markers = slack
    .channels()
    .flatMap(({ messages }) => messages.map(({ metadata }) => metadata?.event_payload.run))
    .filter((marker) => marker !== undefined);
  const twice = markers.filter((marker, index) => markers.indexOf(marker) !== index);
  expect(twice, 'nothing was posted twice').toEqual([]);
  // For one that was archived another may have been opened.
  const rooms = slack
    .channels()
    .filter((channel) => !archived.some(({ id }) => id === channel.id))
    .map(({ name }) => /^kl-\d+/.exec(name)?.[0])
    .filter((name) => name !== undefined);
  expect(rooms.length, 'one channel an incident').toBe(new Set(rooms).size);
}

function checkCanary({ workspace, canary }: Told, exports: readonly string[]): void {
  const files = ['', '-wal']
    .map((end) => `${workspace.database}${end}`)
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path).toString('latin1'));
  for (const left of [...files, ...workspace.logged, ...workspace.sent.map(({ body }) => body), ...exports])
    expect(readable(left, canary), 'no canary leaves or stays').toBe(false);
}
