// What holds at the end of every story, once the network has healed.

import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import { foldIncident } from '../../src/domain/evolve.ts';
import { openReader } from '../../src/store/reader.ts';
import { verifyDatabase } from '../support/verified.ts';
import type { Told } from './story.ts';

const UNAUTHORISED = new Set(['U0SAMO', 'U0GUSH', 'U0DANA']);
const DESTRUCTIVE = new Set([
  'step.started',
  'step.skipped',
  'incident.closed',
  'key.deactivated',
  'key.identified',
]);

export async function checkInvariants(told: Told): Promise<void> {
  const { workspace } = told;
  const reader = openReader(workspace.database);
  try {
    expect((await verifyDatabase(workspace.database)).findings, 'the log verifies').toEqual([]);
    const ids = await reader.incidentIds();
    for (const id of told.opened)
      expect(ids, 'an incident that somebody was told of is in the log').toContain(id);
    for (const id of ids) {
      const logged = (await reader.load(id)) ?? [];
      checkIncident(
        told,
        id,
        logged.map(({ entry }) => entry),
      );
      const incident = foldIncident(logged);
      expect(incident?.card, `${id}: every incident gets its room and card`).not.toBeNull();
      for (const key of incident?.keys ?? []) {
        const step = incident?.steps[`deactivate-key/${key.subject}`];
        expect(step?.status, `${id}: an accepted deactivation ends`).not.toBe('running');
      }
      const texts = logged.flatMap(({ texts: all }) => Object.values(all).map(({ text }) => text));
      for (const note of told.noted.filter(({ incident: of }) => of === id))
        expect(
          texts.filter((text) => text === note.text),
          `${id}: an acknowledged note is kept once`,
        ).toEqual([note.text]);
      const now = workspace.time.clock.now();
      // What is to be done later, such as a reminder, has not begun.
      const begun = (await workspace.runs(id)).filter(
        (run) => run.notBefore <= now || run.state !== 'pending',
      );
      for (const state of new Set(begun.map((run) => run.state)))
        expect(['done', 'needs_human'], `${id}: every intent ends`).toContain(state);
    }
  } finally {
    await reader.close();
  }
  checkSlack(told);
  await checkPages(told);
  checkCanary(told);
}

function checkIncident({ workspace }: Told, id: string, log: readonly Entry[]): void {
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
}

/** What arrived is what the log tells of, each page under one id and written down once. */
async function checkPages({ workspace }: Told): Promise<void> {
  const reader = openReader(workspace.database);
  try {
    const known: string[] = [];
    for (const id of await reader.incidentIds())
      for (const { entry } of (await reader.load(id)) ?? [])
        if (entry.kind === 'page.sent') known.push(entry.data.page);
    const arrived = workspace.paging.pages().map(({ id }) => id);
    expect(arrived.toSorted(), 'the pages that arrived are those of the log').toEqual(known.toSorted());
  } finally {
    await reader.close();
  }
}

function checkSlack({ workspace }: Told): void {
  const { slack } = workspace;
  const markers = slack
    .channels()
    .flatMap(({ messages }) => messages.map(({ metadata }) => metadata?.event_payload.run))
    .filter((marker) => marker !== undefined);
  expect(markers.length, 'nothing was posted twice').toBe(new Set(markers).size);
  const rooms = slack
    .channels()
    .map(({ name }) => /^kl-\d+/.exec(name)?.[0])
    .filter((name) => name !== undefined);
  expect(rooms.length, 'one channel an incident').toBe(new Set(rooms).size);
}

function checkCanary({ workspace, canary }: Told): void {
  const body = canary.slice(20, 60);
  const files = ['', '-wal']
    .map((end) => `${workspace.database}${end}`)
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path).toString('latin1'));
  const left = [...files, ...workspace.logged, ...workspace.sent.map(({ body: sent }) => sent)].join('\n');
  for (const form of [body, Buffer.from(canary).toString('base64').slice(28, 60), encodeURIComponent(body)])
    expect(left.includes(form), 'no canary leaves or stays').toBe(false);
}
