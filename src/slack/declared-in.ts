// The channel in which the form was asked for, carried by the form: a submission does not say where it comes from.

export function encodeDeclaredIn(channel: string | null): string {
  return channel ?? '';
}

/** Null for anything that is no id of a conversation. */
export function decodeDeclaredIn(metadata: string | null): string | null {
  return metadata !== null && /^[CDG][A-Z0-9]{2,30}$/.test(metadata) ? metadata : null;
}
