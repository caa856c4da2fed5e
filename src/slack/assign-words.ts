// The words after `/keyleak assign`, in whatever order: a step, a person, perhaps an incident.

export interface AssignWords {
  readonly incident: string | null;
  readonly step: string;
  /** By the id that Slack gave, or by the name that was typed; null where nobody is named. */
  readonly person: { readonly id: string } | { readonly name: string } | null;
}

/** `<@U123>` or `<@U123|name>`: how Slack sends a person where it escapes them. */
const MENTION = /<@([UW][A-Z0-9]{2,})(?:\|[^>]*)?>/;
/** A name as it was typed; it ends at a space. */
const TYPED = /(?:^|\s)@([^\s<>@]{1,80})/;
const INCIDENT = /(?:^|\s)(kl-[1-9][0-9]{0,8})(?=\s|$)/i;

export function assignWords(words: string): AssignWords {
  const id = MENTION.exec(words)?.[1];
  const name = TYPED.exec(words)?.[1];
  const person = id !== undefined ? { id } : name !== undefined ? { name } : null;
  const rest = words.replace(id === undefined ? TYPED : MENTION, ' ');
  const incident = INCIDENT.exec(rest)?.[1]?.toUpperCase() ?? null;
  const step = rest
    .replace(INCIDENT, ' ')
    .replace(/\bto\s*$/i, '')
    .replace(/\s+/g, ' ')
    .trim();
  return { incident, step, person };
}
