// How one whole key looks when people paste it, and how a reader would find it again in what was kept or sent.

const ZERO_WIDTH = '\u200b';

/** Ways in which the same key is pasted. */
export function disguises(key: string): readonly string[] {
  const half = Math.floor(key.length / 2);
  return [
    key,
    Buffer.from(key).toString('base64'),
    Array.from(key, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
    `${key.slice(0, half)}\n${key.slice(half)}`,
    `${key.slice(0, half)}${ZERO_WIDTH}${key.slice(half)}`,
  ];
}

/** True when 40 characters of the key's body can be read in `text`, plainly or behind one of the disguises. */
export function readable(text: string, key: string): boolean {
  const body = key.slice(20, 60);
  const glued = text.replace(/(?:\s|\\n|\u200b|%E2%80%8B|%0A|\\u200b)+/gi, '');
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.from(key.slice(20 - shift, 68))
      .toString('base64')
      .slice(4, 52),
  );
  const percent = Array.from(body, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
  return (
    glued.includes(body) ||
    encoded.some((form) => glued.includes(form)) ||
    glued.toLowerCase().includes(percent.toLowerCase())
  );
}
