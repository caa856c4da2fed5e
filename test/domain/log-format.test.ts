import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import {
  checkpointHash,
  fingerprintOf,
  signatureHolds,
  signCheckpoint,
} from '../../src/domain/checkpoint.ts';
import { type NewEntry, TEXT_FIELDS } from '../../src/domain/entry.ts';
import { CHAIN_START, endAfter, type SealedEntry, seal, textHash } from '../../src/domain/seal.ts';
import { verifyLog } from '../../src/domain/verify-log.ts';
import { compareWithWitness, parseWitness } from '../../src/domain/witness.ts';
import { RFC8032_SEED, signerFrom } from '../support/signers.ts';

const page = readFileSync(new URL('../../docs/log-format.md', import.meta.url), 'utf8');

/** The named blocks of a page. A name that stands twice would hide a vector, so it is refused. */
function vectorsIn(text: string): Map<string, string> {
  const vectors = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^```text (\S+)\n(.*)\n```$/gm)) {
    if (vectors.has(name)) throw new Error(`${name} stands twice`);
    vectors.set(name, value);
  }
  return vectors;
}

const onPage = vectorsIn(page);

function vector(name: string): string {
  const value = onPage.get(name);
  if (value === undefined) throw new Error(`the page has no vector ${name}`);
  return value;
}

/** The entry that a canonical text describes, sealed again from its parts. */
function resealed(
  name: string,
  after: SealedEntry | null,
  salt: string,
  texts: Record<string, string>,
): SealedEntry {
  const { incident, kind, occurred_at, recorded_at, actor, data } = JSON.parse(vector(name));
  const bare = Object.fromEntries(Object.entries(data).filter(([field]) => !(field in texts)));
  const entry = { kind, actor, occurredAt: Date.parse(occurred_at), data: bare, texts } as NewEntry;
  const end = after === null ? CHAIN_START : endAfter(after);
  return seal(incident, end, entry, Date.parse(recorded_at), () => Buffer.from(salt, 'hex'));
}

const signer = signerFrom(RFC8032_SEED);
const first = resealed(
  'entry-1.text',
  null,
  Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('hex'),
  {
    where: 'pasted in a public repository',
  },
);
const second = resealed('entry-2.text', first, vector('text-2.salt'), { text: vector('text-2.text') });
const third = resealed('entry-3.text', second, '', {});

function signed(
  name: string,
  previous: Parameters<typeof signCheckpoint>[0],
): ReturnType<typeof signCheckpoint> {
  const { incident, count, head, signed_at } = JSON.parse(vector(name));
  return signCheckpoint(previous, { incident, count, head }, Date.parse(signed_at), signer);
}

const opening = signed('checkpoint-1.text', null);
const purge = signed('checkpoint-2.text', opening);
const saltedText = { salt: vector('text-2.salt'), text: vector('text-2.text') };
const canonical = canonicalJson(JSON.parse(vector('canonical.source')));

/** Every vector, computed by the code. The sources are taken as they stand. */
const computed: Record<string, string> = {
  'canonical.source': vector('canonical.source'),
  'canonical.text': canonical,
  'canonical.hex': Buffer.from(canonical, 'utf8').toString('hex'),
  'entry-1.text': first.text,
  'entry-1.hash': first.entry.hash,
  'entry-2.text': second.text,
  'entry-2.hash': second.entry.hash,
  'entry-3.text': third.text,
  'entry-3.hash': third.entry.hash,
  'text-2.salt': vector('text-2.salt'),
  'text-2.text': vector('text-2.text'),
  'text-2.preimage': Buffer.concat([
    Buffer.from('keyleak.text.v1\0'),
    Buffer.from(saltedText.salt, 'hex'),
    Buffer.from(saltedText.text, 'utf8'),
  ]).toString('hex'),
  'text-2.hash': textHash(saltedText),
  'key.secret': RFC8032_SEED,
  'key.public': signer.publicKey,
  'key.fingerprint': fingerprintOf(signer.publicKey),
  'checkpoint-1.text': opening.text,
  'checkpoint-1.signature': opening.signature,
  'checkpoint-1.hash': checkpointHash(opening.text),
  'checkpoint-2.text': purge.text,
  'checkpoint-2.signature': purge.signature,
  'witness-2': `2:${second.entry.hash.slice(0, 32)}`,
};

test('the page has these vectors and no others', () => {
  expect([...onPage.keys()].sort()).toEqual(Object.keys(computed).sort());
});

test.each(Object.entries(computed))('the code computes what the page says: %s', (name, value) => {
  expect(vector(name)).toBe(value);
});

test('the key of the page is that of RFC 8032, section 7.1, test 1', () => {
  expect(Buffer.from(vector('key.public'), 'base64').toString('hex')).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
});

test('the vectors together are a log that verifies, before the purge and after it', () => {
  const row = ({ entry, text, texts }: SealedEntry) => ({ seq: entry.seq, text, hash: entry.hash, texts });
  const log = { extent: 'database', runbooks: null } as const;
  const before = {
    ...log,
    incidents: [{ id: 'KL-1', rows: [row(first), row(second)] }],
    checkpoints: [opening],
  };
  const rows = [row(first), { ...row(second), texts: {} }, row(third)];
  const after = { ...log, incidents: [{ id: 'KL-1', rows }], checkpoints: [opening, purge] };
  for (const { findings, incidents } of [verifyLog(before), verifyLog(after)]) {
    expect(findings).toEqual([]);
    const [incident] = incidents;
    expect(incident && compareWithWitness(incident, parseWitness(vector('witness-2')))).toBeNull();
  }
  expect(
    signatureHolds(vector('checkpoint-1.text'), vector('checkpoint-1.signature'), vector('key.public')),
  ).toBe(true);
});

test('the page lists every kind that has a free text, with its member', () => {
  const rows = Object.entries(TEXT_FIELDS).flatMap(([kind, fields]) =>
    fields.map((field) => `${kind} ${field}`),
  );
  const listed = [...page.matchAll(/^\| `(\w+\.\w+)` +\| `(\w+)` +\|$/gm)].map(
    ([, kind, field]) => `${kind} ${field}`,
  );
  expect(listed.sort()).toEqual(rows.sort());
});
