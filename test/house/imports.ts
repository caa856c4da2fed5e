// The law of the house, as a function over a list of files, so that a planted violation can prove that it bites.

export interface SourceFile {
  /** Path from the top of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const ROOMS = [
  'domain',
  'runbook',
  'store',
  'providers',
  'actions',
  'paging',
  'engine',
  'slack',
  'control',
  'export',
  'sandbox',
  'cli',
];

/** Packages that the domain may use: schemas, dates, and hashing. */
const DOMAIN_PACKAGES = /^(zod|dayjs(\/.*)?|node:crypto)$/;

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Static imports and re-exports, dynamic imports and require calls with a literal. */
export function importsOf(text: string): readonly Import[] {
  const found: Import[] = [];
  const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
  for (const match of text.matchAll(statement)) {
    found.push({ target: match[2] ?? '', typeOnly: match[1] !== undefined });
  }
  for (const match of text.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g)) {
    found.push({ target: match[1] ?? '', typeOnly: false });
  }
  return found;
}

function roomOf(path: string): string | null {
  const parts = path.split('/');
  return parts[0] === 'src' && parts.length > 2 ? (parts[1] ?? null) : null;
}

function resolve(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function offence(from: string, { target, typeOnly }: Import): string | null {
  const room = roomOf(from);
  if (!target.startsWith('.')) {
    if (room === 'domain' && !DOMAIN_PACKAGES.test(target)) return `the domain imports ${target}`;
    return target === 'better-sqlite3' && room !== 'store' ? 'only the store may open SQLite' : null;
  }
  const path = resolve(from, target);
  if (!path.startsWith('src/')) return from.startsWith('src/') ? `${target} is outside src` : null;
  const other = roomOf(path);
  if (room === 'cli' || from === 'src/app.ts') return null;
  if (other === room) return null;
  if (other === 'domain') return null;
  if (room === 'domain') return `the domain imports ${path}`;
  // Who brings people's words to the engine may know its types.
  if ((room === 'slack' || room === 'control') && other === 'engine' && typeOnly) return null;
  if (room === null) return `${path}: only app.ts and cli join rooms`;
  return `${room} imports its neighbour ${other ?? path}`;
}

/** Every import that breaks the law, as `file: what`. */
export function lawbreakers(files: readonly SourceFile[]): readonly string[] {
  const offences: string[] = [];
  for (const { path, text } of files) {
    const room = roomOf(path);
    if (room !== null && !ROOMS.includes(room)) offences.push(`${path}: there is no room ${room}`);
    for (const one of importsOf(text)) {
      const what = offence(path, one);
      if (what !== null) offences.push(`${path}: ${what}`);
    }
    if (path !== 'src/config.ts' && /\bprocess\.env\b/.test(text))
      offences.push(`${path}: only config.ts reads process.env`);
    if (
      room !== 'store' &&
      /\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b/.test(text)
    ) {
      offences.push(`${path}: only the store speaks SQL`);
    }
  }
  return offences;
}
