// A key as far as it may be known: the two ends that a provider shows, or that a person copied from somewhere.

/** Either end may be empty. `family` is the prefix with both dashes, such as `sk-ant-api03-`; null where none was written. */
export interface HintParts {
  readonly family: string | null;
  readonly start: string;
  readonly end: string;
}

/** What stands for the hidden middle: two dots or more, an ellipsis, stars, bullets, or a run of x. */
export const MIDDLE = String.raw`(?:\.{2,}|…+|\*{2,}|•{2,}|x{4,}|X{4,})`;

const FAMILY = /^(?:sk-ant-([a-z0-9]{2,12})-|(api\d{2}|admin\d{2}|oat\d{2}|ort\d{2}|sid\d{2})-)/i;
const ENDS = new RegExp(`^([A-Za-z0-9_-]*?)${MIDDLE}([A-Za-z0-9_-]*)$`);

/** `R2D...igAA`, with or without the family prefix, as its parts; null when the text is no hint. */
export function hintParts(text: string): HintParts | null {
  const prefix = FAMILY.exec(text);
  const family = prefix === null ? null : `sk-ant-${(prefix[1] ?? prefix[2] ?? '').toLowerCase()}-`;
  const ends = ENDS.exec(text.slice(prefix?.[0].length ?? 0));
  return ends === null ? null : { family, start: ends[1] ?? '', end: ends[2] ?? '' };
}
