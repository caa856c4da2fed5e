// Walks over blocks: the elements in them that a person can press or fill in, and the words around them.

import { isJson, type Json, listOf, textOf, type WireBlock } from './json.ts';

export interface Placed {
  readonly block: WireBlock;
  readonly element: Json;
}

/** Every element that can be pressed or filled in, in reading order, also inside cards and containers. */
export function elementsOf(block: WireBlock): readonly Placed[] {
  const own = [block.accessory, block.element, ...listOf(block.elements), ...listOf(block.actions)]
    .filter(isJson)
    .filter(({ type }) => textOf(type) !== 'image' && textOf(type) !== 'card')
    .filter((element) => typeof element.action_id === 'string')
    .map((element) => ({ block, element }));
  const inner = [...listOf(block.child_blocks), ...cardsOf(block)].map((child) => ({
    ...child,
    type: textOf(child.type),
    block_id: textOf(child.block_id) || block.block_id,
  }));
  return [...own, ...inner.flatMap(elementsOf)];
}

function cardsOf(block: WireBlock): readonly Json[] {
  return block.type === 'carousel' ? listOf(block.elements) : [];
}

/** All texts below a value, one a line, as they were written. */
export function rawText(value: unknown): string {
  if (Array.isArray(value)) return value.map(rawText).filter(Boolean).join('\n');
  if (!isJson(value)) return '';
  return Object.entries(value)
    .map(([name, field]) => (name === 'text' && typeof field === 'string' ? field : rawText(field)))
    .filter(Boolean)
    .join('\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/**
 * The words that a reader takes as belonging to block number `at`: its own, and those of the blocks above it up to the one
 * before that has something to press.
 */
export function wordsAround(blocks: readonly WireBlock[], at: number): string {
  const own = blocks[at];
  if (own === undefined) return '';
  const around: WireBlock[] = [own];
  if (own.type === 'actions' || own.type === 'context_actions') {
    for (let above = at - 1; above >= 0; above -= 1) {
      const block = blocks[above];
      if (block === undefined || elementsOf(block).length > 0) break;
      around.unshift(block);
    }
  }
  return around.map(rawText).join('\n');
}
