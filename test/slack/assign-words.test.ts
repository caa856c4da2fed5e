import { expect, test } from 'vitest';
import { assignWords } from '../../src/slack/assign-words.ts';

test.each([
  ['', { incident: null, step: '', person: null }],
  ['3 @rio', { incident: null, step: '3', person: { name: 'rio' } }],
  ['@rio 3', { incident: null, step: '3', person: { name: 'rio' } }],
  ['3 to @rio', { incident: null, step: '3', person: { name: 'rio' } }],
  ['3 <@U0RIOA|rio>', { incident: null, step: '3', person: { id: 'U0RIOA' } }],
  ['<@W0RIOA>  replace-key/k2', { incident: null, step: 'replace-key/k2', person: { id: 'W0RIOA' } }],
  ['kl-7 replace the key @rio', { incident: 'KL-7', step: 'replace the key', person: { name: 'rio' } }],
  ['3 @rio KL-12', { incident: 'KL-12', step: '3', person: { name: 'rio' } }],
  ['3 KL-012 @rio', { incident: null, step: '3 KL-012', person: { name: 'rio' } }],
  ['3 rio@example.com', { incident: null, step: '3 rio@example.com', person: null }],
  ['@', { incident: null, step: '@', person: null }],
])('“%s” is read', (words, read) => {
  expect(assignWords(words)).toEqual(read);
});
