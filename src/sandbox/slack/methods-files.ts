// Uploads in three steps, as Slack has them: ask for an address, send the bytes there, say that they are complete.

import type { FilesCompleteUploadExternalResponse, FilesGetUploadURLExternalResponse } from '@slack/web-api';
import { isJson, listOf, textOf } from './json.ts';
import { botMethod, liveChannel, type Method } from './method.ts';
import { argumentsOf, refuse } from './wire.ts';
import { addMessage, type PracticeFile, type World } from './world.ts';

const UPLOAD_PATH = '/upload/v1/';

const getUploadUrl = botMethod<FilesGetUploadURLExternalResponse>(['files:write'], (world, args) => {
  const name = args.required('filename');
  const length = args.number('length', -1, 1, 1_000_000_000);
  const file: PracticeFile = {
    id: world.id('F'),
    name,
    length,
    title: name,
    content: null,
    channel: null,
  };
  world.files.set(file.id, file);
  return {
    file_id: file.id,
    upload_url: `${world.origin.files}${UPLOAD_PATH}${file.id}.${world.secret()}`,
  };
});

const complete = botMethod<FilesCompleteUploadExternalResponse>(['files:write'], (world, args) => {
  const named = listOf(args.json('files', 'invalid_arguments')).filter(isJson);
  const files = named.map((one) => {
    const file = world.files.get(textOf(one.id));
    if (file === undefined || file.content === null || file.channel !== null) return refuse('file_not_found');
    return { file, title: textOf(one.title) };
  });
  if (files.length === 0) return refuse('invalid_arguments');
  const target = args.text('channel_id');
  const channel = target === null ? null : liveChannel(world, argumentsOf({ channel: target }));
  for (const { file, title } of files) {
    file.title = title || file.name;
    file.channel = channel?.id ?? null;
  }
  if (channel !== null)
    addMessage(world, channel, {
      user: world.bot.user,
      text: args.text('initial_comment') ?? '',
      thread: args.text('thread_ts'),
      files: files.map(({ file }) => file.id),
    });
  return { files: files.map(({ file }) => ({ id: file.id, title: file.title })) };
});

export const FILE_METHODS: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': getUploadUrl,
  'files.completeUploadExternal': complete,
};

export function isUpload(path: string): boolean {
  return path.startsWith(UPLOAD_PATH);
}

/** Takes the bytes that were sent to an upload address: bare, or as the one file of a form. */
export async function takeUpload(world: World, request: Request, path: string): Promise<Response> {
  const file = world.files.get(path.slice(UPLOAD_PATH.length).split('.')[0] ?? '');
  if (file === undefined || request.method !== 'POST') return new Response('not found', { status: 404 });
  const bytes = await bytesOf(request);
  if (bytes === null || bytes.length !== file.length) return new Response('wrong length', { status: 400 });
  file.content = bytes;
  world.changed();
  return new Response(`OK - ${bytes.length}`, { headers: { 'content-type': 'text/plain' } });
}

async function bytesOf(request: Request): Promise<Uint8Array | null> {
  if (!request.headers.get('content-type')?.startsWith('multipart/form-data')) {
    return new Uint8Array(await request.arrayBuffer());
  }
  const parts = [...(await request.formData()).values()].filter((part) => typeof part !== 'string');
  const [only] = parts;
  return only === undefined || parts.length > 1 ? null : new Uint8Array(await only.arrayBuffer());
}
