// Commands of an operator at the command line, carried out by the engine: the same decisions, the same log as in Slack.

import type { ErrorFacts } from '../domain/errors.ts';
import { type Asker, type Case, keyState } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import { DEACTIVATE_STEP, findStep } from '../domain/progress.ts';
import { kept } from '../domain/typed-text.ts';
import type { Answer, Engine } from '../engine/api.ts';
import type { Command, Told } from './protocol.ts';

/**
 * Carries out one command. Whoever may open the bot's socket or its database is an operator and may do what a responder
 * may. The reason of a declaration goes into the log with where the key was seen, that of a deactivation as a note just
 * before it. Throws what the engine throws.
 */
export async function carryOut(engine: Engine, command: Command): Promise<Told> {
  switch (command.call) {
    case 'hello':
      return { outcome: 'hello' };
    case 'declare':
      return declare(engine, command);
    case 'describe': {
      const { incident, key, report, delivery } = command;
      return told(
        await engine.request(incident, asker(command), { type: 'describe', key, report }, delivery),
      );
    }
    case 'deactivate':
      return deactivate(engine, command);
    case 'note': {
      const { incident, text, delivery } = command;
      return told(await engine.request(incident, asker(command), { type: 'note', text }, delivery));
    }
  }
}

type Of<C extends Command['call']> = Extract<Command, { call: C }>;

function asker({ operator }: { readonly operator: string }): Asker {
  return {
    actor: `operator:${operator}`,
    role: 'responder',
    grounds: { by: 'operator', listAgeMs: null },
  };
}

async function declare(engine: Engine, command: Of<'declare'>): Promise<Told> {
  const answer = await engine.declare({
    by: asker(command),
    source: 'cli',
    team: null,
    enterprise: null,
    reports: command.reports,
    where: kept(`${command.where} (at the command line: ${command.reason})`.trim()),
    declaredIn: null,
    delivery: command.delivery,
  });
  if (answer.outcome === 'refused') return told(answer);
  return { outcome: answer.outcome, incident: answer.case.incident.id, joined: answer.joined !== undefined };
}

async function deactivate(engine: Engine, command: Of<'deactivate'>): Promise<Told> {
  const { incident, key, candidate, delivery } = command;
  const subject = await engine.view(incident);
  const state = subject === null ? null : keyState(subject.incident, key);
  if (subject !== null && state !== null) {
    if (state.dead !== null) return { outcome: 'duplicate', incident, joined: false };
    const facts = offered(state, candidate);
    if (facts === null) return { outcome: 'refused', refusal: gone(incident) };
    // What is going to be refused needs no reason in the log.
    if (isReady(engine, subject)) await noteReason(engine, command);
    return told(await perform(engine, command, facts));
  }
  return told(await engine.request(incident, asker(command), performing(key, null), delivery));
}

function perform(engine: Engine, command: Of<'deactivate'>, facts: KeyFacts): Promise<Answer> {
  const { incident, key, delivery } = command;
  return engine.request(incident, asker(command), performing(key, facts), delivery);
}

function performing(key: string, candidate: KeyFacts | null) {
  return { type: 'perform', step: DEACTIVATE_STEP, key, candidate } as const;
}

/** The key as it was last offered; else as it was identified. */
function offered(state: NonNullable<ReturnType<typeof keyState>>, id: string): KeyFacts | null {
  const candidate = state.candidates?.keys.find((one) => one.id === id);
  return candidate ?? (state.facts?.id === id ? state.facts : null);
}

function isReady(engine: Engine, { incident, runbook }: Case): boolean {
  const action = findStep(runbook, DEACTIVATE_STEP)?.uses;
  return incident.status === 'open' && action !== undefined && engine.automated(action);
}

async function noteReason(engine: Engine, command: Of<'deactivate'>): Promise<void> {
  const { incident, key, reason, delivery } = command;
  const text = kept(`Deactivation of ${key} asked for at the command line: ${reason}`);
  await engine.request(incident, asker(command), { type: 'note', text }, `${delivery}:reason`);
}

function told(answer: Answer): Told {
  if (answer.outcome === 'refused') return { outcome: 'refused', refusal: answer.refusal };
  return { outcome: answer.outcome, incident: answer.case.incident.id, joined: false };
}

function gone(incident: string): ErrorFacts {
  return {
    code: 'KL_CONTROL_CANDIDATE',
    message: 'That key is not among those that the incident knows now. Nothing was done.',
    next: `Look again with keyleak show ${incident}, and name the key by its id with --key.`,
  };
}
