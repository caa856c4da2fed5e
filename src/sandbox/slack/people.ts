// The practice workspace that Slack shows when nobody brings another: its team, people, groups and channels.

/** A person, or the bot, as far as a practice needs to know them. */
export interface PracticePerson {
  readonly id: string;
  /** Handle without the @. */
  readonly name: string;
  readonly realName: string;
  readonly email: string | null;
  /** Team that the person belongs to; another one than the workspace's makes a stranger. */
  readonly team: string;
  readonly restricted: boolean;
  readonly deleted: boolean;
  readonly bot: boolean;
  /** IANA name of the time zone. */
  readonly zone: string;
}

export interface PracticeGroup {
  readonly id: string;
  readonly name: string;
  /** Without the @. */
  readonly handle: string;
  readonly members: readonly string[];
}

/** A channel as it is at the beginning. The bot is a member only where it is named. */
export interface PracticeChannel {
  readonly id: string;
  readonly name: string;
  readonly private: boolean;
  readonly members: readonly string[];
  /** Shared with another organisation by Slack Connect. */
  readonly shared?: boolean;
}

export interface PracticeTeam {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

/** Ids of everything in the practice workspace. */
export const PRACTICE = {
  team: 'T0PRACTICE',
  otherTeam: 'T0ELSEWHERE',
  app: 'A0KEYLEAK',
  botId: 'B0KEYLEAK',
  bot: 'U0KEYLEAK',
  /** Owns the leaked key. */
  dana: 'U0DANA',
  /** Responder, by the user group. */
  rio: 'U0RIOA',
  /** The other responder. */
  priya: 'U0PRIYA',
  /** Manager. */
  mei: 'U0MEIT',
  /** Engineer without a role. */
  sam: 'U0SAMO',
  /** Guest. */
  gus: 'U0GUSH',
  /** Stranger from another team. */
  olga: 'U0OLGA',
  oncall: 'S0ONCALL',
  general: 'C0GENERAL',
  engineering: 'C0ENGINEERING',
  /** Private; the fallback for threads. */
  security: 'C0SECURITY',
} as const;

export const PRACTICE_TEAM: PracticeTeam = {
  id: PRACTICE.team,
  name: 'Practice workspace',
  domain: 'practice',
};

/** Somebody of the workspace; `change` says where they differ. */
export function person(
  id: string,
  name: string,
  realName: string,
  change: Partial<PracticePerson> = {},
): PracticePerson {
  return {
    id,
    name,
    realName,
    email: `${realName.toLowerCase().replaceAll(' ', '.')}@example.com`,
    team: PRACTICE.team,
    restricted: false,
    deleted: false,
    bot: false,
    zone: 'Europe/Berlin',
    ...change,
  };
}

export function practicePeople(): readonly PracticePerson[] {
  return [
    person(PRACTICE.dana, 'dana', 'Dana Reyes', { zone: 'America/New_York' }),
    person(PRACTICE.rio, 'rio', 'Rio Alvarez'),
    person(PRACTICE.priya, 'priya', 'Priya Nair', { zone: 'Asia/Kolkata' }),
    person(PRACTICE.mei, 'mei', 'Mei Tanaka', { zone: 'Asia/Tokyo' }),
    person(PRACTICE.sam, 'sam', 'Sam Okafor'),
    person(PRACTICE.gus, 'gus', 'Gus Hale', { restricted: true }),
    person(PRACTICE.olga, 'olga', 'Olga Petrova', { team: PRACTICE.otherTeam }),
    person(PRACTICE.bot, 'keyleak', 'keyleak', { email: null, bot: true, zone: 'UTC' }),
  ];
}

export function practiceGroups(): readonly PracticeGroup[] {
  const members = [PRACTICE.rio, PRACTICE.priya];
  return [{ id: PRACTICE.oncall, name: 'Security on call', handle: 'security-oncall', members }];
}

export function practiceChannels(): readonly PracticeChannel[] {
  const { dana, rio, priya, mei, sam, gus, olga, bot } = PRACTICE;
  const staff = [dana, rio, priya, mei, sam];
  return [
    { id: PRACTICE.general, name: 'general', private: false, members: [...staff, gus, olga] },
    { id: PRACTICE.engineering, name: 'engineering', private: false, members: [dana, rio, priya, sam] },
    { id: PRACTICE.security, name: 'security', private: true, members: [rio, priya, mei, bot] },
  ];
}
