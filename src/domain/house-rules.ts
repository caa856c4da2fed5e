// What a house decides for itself in keyleak.yml and decisions hang on: what may die without a press, and which systems
// use a key.

import type { SystemFacts } from './entry.ts';
import type { KeyFacts } from './key.ts';

export type ContainmentPolicy = 'confirm' | 'automatic';

export interface HouseRules {
  /** Whether a key that was matched exactly for a responder is deactivated at once. `severity` is the incident's, 1 to 3. */
  containment(key: KeyFacts, severity: number): ContainmentPolicy;
  /** The systems that use this key and need its replacement; empty when none is configured. */
  systems(key: KeyFacts): readonly SystemFacts[];
}

/** A house that configured nothing. */
export const PLAIN_HOUSE: HouseRules = { containment: () => 'confirm', systems: () => [] };

/** A line of the policy; what it leaves out fits everything. */
export interface ContainmentRule {
  /** Name or id of a workspace. */
  readonly workspace: string | null;
  readonly severity: number | null;
  readonly containment: ContainmentPolicy;
}

/** A configured system; without patterns it uses every key. */
export interface ConfiguredSystem extends SystemFacts {
  /** Names of keys, `*` for any characters. */
  readonly keys: readonly string[];
  /** Names or ids of workspaces. */
  readonly workspaces: readonly string[];
}

/** The rules of a house: of the containment lines the first that fits counts, else `otherwise`. */
export function houseRules(of: {
  otherwise: ContainmentPolicy;
  containment: readonly ContainmentRule[];
  systems: readonly ConfiguredSystem[];
}): HouseRules {
  return {
    containment(key, severity) {
      const rule = of.containment.find(
        (one) =>
          (one.workspace === null || isIn(key, one.workspace)) &&
          (one.severity === null || one.severity === severity),
      );
      return rule?.containment ?? of.otherwise;
    },
    systems: (key) =>
      of.systems.filter((system) => uses(system, key)).map(({ name, owner, how }) => ({ name, owner, how })),
  };
}

function isIn({ workspace }: KeyFacts, named: string): boolean {
  return workspace !== null && (workspace.id === named || workspace.name === named);
}

function uses({ keys, workspaces }: ConfiguredSystem, key: KeyFacts): boolean {
  return (
    (keys.length === 0 || keys.some((pattern) => fits(key.name, pattern))) &&
    (workspaces.length === 0 || workspaces.some((named) => isIn(key, named)))
  );
}

/** Pieces between stars in their order: no expression is built from what somebody wrote. */
function fits(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!name.startsWith(first)) return false;
  if (rest.length === 0) return name === first;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
