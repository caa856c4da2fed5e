// A leaked key as people describe it and as the provider lists it. No value here ever holds a whole key.

/** What a person said about a key, parsed. Hints are compared by their ends, never by a fixed length. */
export type KeyQuery =
  | { readonly shape: 'id'; readonly id: string }
  /** Both ends of the key; `start` excludes the family prefix (`sk-ant-api03-`), which is in `family` when it was given. */
  | { readonly shape: 'hint'; readonly family: string | null; readonly start: string; readonly end: string }
  | {
      readonly shape: 'end';
      readonly family: string | null;
      readonly start: string | null;
      readonly end: string | null;
    }
  | { readonly shape: 'name'; readonly name: string }
  | { readonly shape: 'none' };

export type KeyStatus = 'active' | 'inactive' | 'archived' | 'expired';

/** A key as the provider describes it, in the form that enters the log. `hint` is the provider's own, such as `sk-ant-api03-R2D...igAA`. */
export interface KeyFacts {
  readonly id: string;
  readonly name: string;
  readonly hint: string | null;
  readonly status: KeyStatus;
  /** `organization`: a key without workspace, which may reach administrative endpoints. */
  readonly scope: 'workspace' | 'organization';
  readonly workspace: { readonly id: string; readonly name: string | null } | null;
  /** The principal if there is one, else the creator, as the provider names them. */
  readonly owner: { readonly id: string; readonly type: 'user' | 'service_account' } | null;
  readonly created_at: string | null;
  readonly expires_at: string | null;
}

/** All keys of every status at one moment. `complete` is false when a page could not be read. */
export interface KeyListing {
  readonly keys: readonly KeyFacts[];
  readonly complete: boolean;
  /** Milliseconds since the epoch when the first page was asked for. */
  readonly readAt: number;
}
