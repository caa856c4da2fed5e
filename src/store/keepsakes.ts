// Small things kept by name: frozen runbooks, handled deliveries, last renders, members of user groups.

import type Database from 'better-sqlite3';

export interface Keepsakes {
  /** Once for each hash; the same text again changes nothing. */
  saveRunbook(sha256: string, text: string): void;
  /** The incident in which a delivery was handled. */
  delivery(id: string): string | null;
  saveDelivery(id: string, incident: string, now: number): void;
  rendered(surface: string): string | null;
  saveRendered(surface: string, hash: string): void;
  group(id: string): { readonly members: readonly string[]; readonly readAt: number } | null;
  saveGroup(id: string, members: readonly string[], readAt: number): void;
}

/** Statements over these tables, prepared once. Those that write belong into a transaction. */
export function keepsakes(db: Database.Database): Keepsakes {
  const saveRunbook = db.prepare<[string, string]>(
    'INSERT INTO runbooks (sha256, text) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const delivery = db.prepare<[string], string>('SELECT incident FROM deliveries WHERE id = ?').pluck();
  const saveDelivery = db.prepare<[string, string, number]>(
    'INSERT INTO deliveries (id, incident, recorded_at) VALUES (?, ?, ?)',
  );
  const rendered = db.prepare<[string], string>('SELECT hash FROM rendered WHERE surface = ?').pluck();
  const saveRendered = db.prepare<[string, string]>(
    `INSERT INTO rendered (surface, hash) VALUES (?, ?)
     ON CONFLICT (surface) DO UPDATE SET hash = excluded.hash`,
  );
  const group = db.prepare<[string], { members: string; readAt: number }>(
    'SELECT members, read_at AS readAt FROM user_groups WHERE id = ?',
  );
  const saveGroup = db.prepare<[string, string, number]>(
    `INSERT INTO user_groups (id, members, read_at) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET members = excluded.members, read_at = excluded.read_at`,
  );
  return {
    saveRunbook: (sha256, text) => void saveRunbook.run(sha256, text),
    delivery: (id) => delivery.get(id) ?? null,
    saveDelivery: (id, incident, now) => void saveDelivery.run(id, incident, now),
    rendered: (surface) => rendered.get(surface) ?? null,
    saveRendered: (surface, hash) => void saveRendered.run(surface, hash),
    group(id) {
      const row = group.get(id);
      return row === undefined
        ? null
        : { members: JSON.parse(row.members) as readonly string[], readAt: row.readAt };
    },
    saveGroup: (id, members, readAt) => void saveGroup.run(id, JSON.stringify(members), readAt),
  };
}
