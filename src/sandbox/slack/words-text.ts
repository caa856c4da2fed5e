// Slack's own notation as a person reads it: mentions, links, dates in their zone, emoji, entities.

/** How one person reads: their zone, and the names behind ids. */
export interface Reader {
  /** IANA time zone. */
  readonly zone: string;
  /** Milliseconds since the epoch, for "3 min ago" and "today". */
  now(): number;
  person(id: string): string;
  group(id: string): string;
  channel(id: string): string;
}

const EMOJI: Readonly<Record<string, string>> = {
  red_circle: '🔴',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  large_orange_circle: '🟠',
  white_circle: '⚪',
  black_circle: '⚫',
  white_check_mark: '✅',
  heavy_check_mark: '✔',
  ballot_box_with_check: '☑',
  arrow_forward: '▶',
  arrow_right: '➡',
  warning: '⚠',
  x: '❌',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  rotating_light: '🚨',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  alarm_clock: '⏰',
  clock3: '🕒',
  key: '🔑',
  lock: '🔒',
  unlock: '🔓',
  skull: '💀',
  fire: '🔥',
  link: '🔗',
  memo: '📝',
  pushpin: '📌',
  page_facing_up: '📄',
  bell: '🔔',
  question: '❓',
  grey_question: '❔',
  exclamation: '❗',
  information_source: 'ℹ',
  fast_forward: '⏩',
  next_track_button: '⏭',
  black_square_for_stop: '⏹',
  wrench: '🔧',
  mag: '🔍',
  robot_face: '🤖',
  tada: '🎉',
  dart: '🎯',
  shield: '🛡',
  bust_in_silhouette: '👤',
  pencil2: '✏',
  large_blue_circle: '🔵',
};

/** The symbol of a shortcode, or the shortcode as it stands. */
export function emoji(name: string): string {
  return EMOJI[name] ?? `:${name}:`;
}

function withEmoji(text: string): string {
  return text.replace(/:([a-z0-9_+-]+):/g, (_whole, name: string) => emoji(name));
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** A `plain_text` text. */
export function plainWords(text: string): string {
  return withEmoji(text);
}

/** A `mrkdwn` text. Bold and italics lose their marks; code keeps its own. */
export function mrkdwnWords(text: string, reader: Reader): string {
  const read = text.replace(/<([^<>]*)>/g, (_whole, inside: string) => entity(inside, reader));
  return unescaped(withEmoji(unmarked(read)));
}

function unmarked(text: string): string {
  return text
    .split(/(`[^`\n]*`)/)
    .map((part) =>
      part.startsWith('`')
        ? part
        : part.replace(/(^|[\s([{.,;:!?—–-])([*_~])(?=\S)([^\n]*?\S)\2(?=$|[\s)\]}.,;:!?—–-])/gm, '$1$3'),
    )
    .join('');
}

function entity(inside: string, reader: Reader): string {
  const [target, label] = split(inside, '|');
  if (target.startsWith('@')) return `@${reader.person(target.slice(1))}`;
  if (target.startsWith('#')) return `#${reader.channel(target.slice(1))}`;
  if (target.startsWith('!subteam^')) return `@${reader.group(target.slice('!subteam^'.length))}`;
  if (target.startsWith('!date^')) return date(inside, reader);
  if (target.startsWith('!')) return `@${target.slice(1)}`;
  return label === undefined || label === target ? target : `${label} (${target.replace(/^mailto:/, '')})`;
}

function split(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** `!date^seconds^format^link|fallback`; a broken one shows its fallback, as in Slack. */
function date(inside: string, reader: Reader): string {
  const [token, fallback = ''] = split(inside, '|');
  const [, seconds = '', format = ''] = token.split('^');
  if (!/^\d+$/.test(seconds) || format === '') return fallback;
  return dateWords(Number(seconds) * 1_000, format, reader);
}

const DAY_MS = 86_400_000;

/** A format such as `{date_short} at {time}` filled in. */
export function dateWords(at: number, format: string, reader: Reader): string {
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone: reader.zone, ...options }).format(at);
  const day = (options: Intl.DateTimeFormatOptions, pretty: boolean): string =>
    (pretty ? nearDay(at, reader) : null) ?? part(options);
  const long = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
  const short = { day: 'numeric', month: 'short', year: 'numeric' } as const;
  const medium = { day: 'numeric', month: 'long', year: 'numeric' } as const;
  const filled: Readonly<Record<string, () => string>> = {
    date_num: () =>
      part({ year: 'numeric', month: '2-digit', day: '2-digit' }).split('/').reverse().join('-'),
    date: () => day(medium, false),
    date_pretty: () => day(medium, true),
    date_short: () => day(short, false),
    date_short_pretty: () => day(short, true),
    date_long: () => day(long, false),
    date_long_pretty: () => day(long, true),
    time: () => part({ hour: '2-digit', minute: '2-digit' }),
    time_secs: () => part({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    ago: () => ago(at - reader.now()),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name: string) => filled[name]?.() ?? whole);
}

function nearDay(at: number, reader: Reader): string | null {
  const key = (ms: number): string => new Intl.DateTimeFormat('en-CA', { timeZone: reader.zone }).format(ms);
  const names = [
    [-DAY_MS, 'yesterday'],
    [0, 'today'],
    [DAY_MS, 'tomorrow'],
  ] as const;
  return names.find(([shift]) => key(reader.now() + shift) === key(at))?.[1] ?? null;
}

function ago(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const words = minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return ms > 0 ? `in ${words}` : `${words} ago`;
}
