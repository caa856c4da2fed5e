// Reads what Slack delivered without trusting its shape: whatever is missing is null, nothing throws.

export type Kind = 'command' | 'click' | 'submission' | 'other';

/** Where a delivery comes from, and the ways that are left to answer it. */
export interface Origin {
  readonly kind: Kind;
  readonly user: string;
  /** The user's own team, where Slack says it. */
  readonly userTeam: string | null;
  /** The workspace in which it happened. */
  readonly team: string | null;
  readonly enterprise: string | null;
  /** Null in a modal. */
  readonly channel: string | null;
  readonly responseUrl: string | null;
  /** Opens one modal within three seconds. */
  readonly trigger: string | null;
  /** True for a press on a message that only this person sees. */
  readonly ephemeral: boolean;
}

/** What stands at a path of names, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined,
    value,
  );
}

/** The text at a path of names; null where there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

function kindOf(body: unknown): Kind {
  if (textAt(body, 'command') !== null) return 'command';
  const type = at(body, 'type');
  if (type === 'block_actions') return 'click';
  return type === 'view_submission' ? 'submission' : 'other';
}

export function originOf(body: unknown): Origin {
  const kind = kindOf(body);
  if (kind === 'command') {
    const team = textAt(body, 'team_id');
    return {
      kind,
      user: textAt(body, 'user_id') ?? '',
      userTeam: team,
      team,
      enterprise: textAt(body, 'enterprise_id'),
      channel: textAt(body, 'channel_id'),
      responseUrl: textAt(body, 'response_url'),
      trigger: textAt(body, 'trigger_id'),
      ephemeral: false,
    };
  }
  const userTeam = textAt(body, 'user', 'team_id');
  return {
    kind,
    user: textAt(body, 'user', 'id') ?? '',
    userTeam,
    team: textAt(body, 'team', 'id') ?? userTeam,
    enterprise: textAt(body, 'enterprise', 'id') ?? textAt(body, 'team', 'enterprise_id'),
    channel: textAt(body, 'channel', 'id') ?? textAt(body, 'container', 'channel_id'),
    responseUrl: textAt(body, 'response_url'),
    trigger: textAt(body, 'trigger_id'),
    ephemeral: at(body, 'container', 'is_ephemeral') === true,
  };
}
