// response_url: a way to answer one interaction for thirty minutes, five times, without a token.

import { isJson, type Json, textOf } from './json.ts';
import { contentOf } from './message.ts';
import { argumentsOf, jsonBody, Refusal, refuse } from './wire.ts';
import { addEphemeral, addMessage, type Hook, type World } from './world.ts';

const USES = 5;
const LIFE_MS = 30 * 60_000;

export function isHook(path: string): boolean {
  return /^\/(commands|actions)\//.test(path);
}

/** Makes a response_url and gives its address. */
export function giveHook(world: World, facts: Omit<Hook, 'at' | 'uses'>): string {
  const kind = facts.clicked === null ? 'commands' : 'actions';
  const path = `/${kind}/${world.team.id}/${world.id('')}/${world.secret()}`;
  world.hooks.set(path, { ...facts, at: world.clock.now(), uses: 0 });
  return `${world.origin.hooks}${path}`;
}

/** Takes what was posted to a response_url. */
export async function takeHook(world: World, request: Request, path: string): Promise<Response> {
  const hook = world.hooks.get(path);
  if (hook === undefined || request.method !== 'POST') return no(404, 'invalid_url');
  if (world.clock.now() - hook.at > LIFE_MS) return no(404, 'expired_url');
  if (hook.uses >= USES) return no(404, 'used_url');
  hook.uses += 1;
  try {
    respond(world, hook, jsonBody(await request.text()));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    world.complaints.push(`response_url: ${error.error} ${JSON.stringify(error.more)}`);
    return no(400, error.error);
  }
  return new Response('ok', { headers: { 'content-type': 'text/plain' } });
}

function no(status: number, error: string): Response {
  return Response.json({ ok: false, error }, { status });
}

/** Shows an answer to an interaction: a new message, or in place of the one that was clicked. */
export function respond(world: World, hook: Hook, body: Json): void {
  if (body.delete_original === true) {
    removeClicked(world, hook);
    return;
  }
  const content = contentOf(world, argumentsOf(body));
  const channel = world.channels.get(hook.channel) ?? refuse('channel_not_found');
  if (body.replace_original === true && hook.clicked !== null) {
    const { ts, ephemeral } = hook.clicked;
    const old = ephemeral
      ? world.ephemerals.find((one) => one.ts === ts)
      : channel.messages.find((one) => one.ts === ts);
    if (old === undefined) refuse('message_not_found');
    old.text = content.text;
    old.blocks = content.blocks;
    world.changed();
    return;
  }
  const thread = textOf(body.thread_ts) || null;
  if (body.response_type === 'in_channel')
    addMessage(world, channel, { ...content, user: world.bot.user, thread });
  else addEphemeral(world, { ...content, channel: channel.id, user: hook.user, thread });
}

function removeClicked(world: World, hook: Hook): void {
  const { clicked } = hook;
  if (clicked === null) refuse('message_not_found');
  const channel = world.channels.get(hook.channel);
  world.ephemerals = world.ephemerals.filter(({ ts }) => ts !== clicked.ts);
  if (channel !== undefined) channel.messages = channel.messages.filter(({ ts }) => ts !== clicked.ts);
  world.changed();
}

/** What a listener gave to `ack` of a slash command, shown as an answer. An empty body shows nothing. */
export function showAck(world: World, hook: Omit<Hook, 'at' | 'uses'>, body: unknown): void {
  if (!isJson(body) || Object.keys(body).length === 0) return;
  try {
    respond(world, { ...hook, at: 0, uses: 0 }, body);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    world.complaints.push(`ack: ${error.error} ${JSON.stringify(error.more)}`);
    world.notices.push({
      user: hook.user,
      text: 'The app sent an answer that cannot be shown.',
      error: error.error,
    });
    world.changed();
  }
}
