// docs/paging.md, held to what keyleak sends: its example, and the code that a receiver copies out of it.

import { expect, test, vi } from 'vitest';
import { read } from '../house/files.ts';
import { isSigned, pageOf, pagingRig, RAW_SECRET, SECRET } from './paging-rig.ts';

const PAGE = read('docs/paging.md');
const never = new AbortController().signal;

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(PAGE)?.[1] ?? '';
}

test('the example is a page as it leaves', async () => {
  const { pager, sent } = pagingRig();
  await pager.page(pageOf({ id: JSON.parse(block('json')).id, link: null }), never);
  expect(JSON.parse(block('json'))).toEqual(JSON.parse(sent[0]?.body ?? ''));
});

test.each([SECRET, RAW_SECRET])(
  'the code accepts what keyleak sends, and nothing else (%#)',
  async (secret) => {
    const { isFromKeyleak } = await import(
      `data:text/javascript;base64,${Buffer.from(block('js')).toString('base64')}`
    );
    const { pager, sent, now } = pagingRig({ secret });
    vi.useFakeTimers({ now: now.at, toFake: ['Date'] });
    try {
      await pager.page(pageOf(), never);
      const [page] = sent;
      if (page === undefined) throw new Error('nothing was sent');
      const headers = Object.fromEntries(page.headers);
      expect(isSigned(page)).toBe(true);
      expect(isFromKeyleak(headers, page.body, secret)).toBe(true);
      expect(isFromKeyleak(headers, `${page.body} `, secret)).toBe(false);
      expect(isFromKeyleak({ ...headers, 'webhook-id': 'other' }, page.body, secret)).toBe(false);
      expect(isFromKeyleak(headers, page.body, `${secret}x`.replace('whsec_', 'whsec_A'))).toBe(false);
      expect(isFromKeyleak({}, page.body, secret)).toBe(false);
      vi.setSystemTime(now.at + 302_000);
      expect(isFromKeyleak(headers, page.body, secret)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  },
);
