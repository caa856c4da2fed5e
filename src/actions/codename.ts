// The name of an incident's channel: short, easy to say, and telling nothing of key, vendor or service.

const FIRST = [
  'amber',
  'brisk',
  'calm',
  'clear',
  'coral',
  'dapper',
  'eager',
  'fern',
  'gentle',
  'golden',
  'hazel',
  'indigo',
  'ivory',
  'jade',
  'keen',
  'lively',
  'lunar',
  'maple',
  'mellow',
  'misty',
  'noble',
  'olive',
  'opal',
  'quiet',
  'rapid',
  'ruby',
  'silver',
  'solar',
  'steady',
  'swift',
  'velvet',
  'winter',
];
const SECOND = [
  'badger',
  'beacon',
  'bison',
  'cedar',
  'cobra',
  'condor',
  'crane',
  'dolphin',
  'falcon',
  'finch',
  'fox',
  'gecko',
  'harbor',
  'heron',
  'ibis',
  'jaguar',
  'kestrel',
  'lark',
  'lynx',
  'marten',
  'meadow',
  'otter',
  'owl',
  'panther',
  'puffin',
  'raven',
  'robin',
  'salmon',
  'sparrow',
  'stork',
  'tiger',
  'walrus',
];

/**
 * `kl-7-amber-heron` for incident KL-7. The words come from the incident's random uid (hex), so two databases that both
 * have a KL-7 rarely choose the same. `attempt` 1 and above add a number, for a name that somebody else has.
 */
export function channelName(incident: { id: string; uid: string }, attempt: number): string {
  const first = FIRST[Number.parseInt(incident.uid.slice(0, 2), 16) % FIRST.length] ?? 'amber';
  const second = SECOND[Number.parseInt(incident.uid.slice(2, 4), 16) % SECOND.length] ?? 'heron';
  const suffix = attempt === 0 ? '' : `-${attempt + 1}`;
  return `${incident.id.toLowerCase()}-${first}-${second}${suffix}`;
}
