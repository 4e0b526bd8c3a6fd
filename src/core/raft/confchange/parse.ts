// SPDX-License-Identifier: Apache-2.0

import { type ConfChangeSingle, ConfChangeType } from "../types.ts";

const LETTERS: ReadonlyMap<string, ConfChangeType> = new Map([
  ["v", ConfChangeType.addNode],
  ["l", ConfChangeType.addLearner],
  ["r", ConfChangeType.removeNode],
  ["u", ConfChangeType.updateNode],
]);
const LETTER_OF = new Map([...LETTERS].map(([letter, type]) => [type, letter]));

/**
 * Reads operations in their short form, such as `v1 l2 r3 u4`: add a voter, add a learner, remove,
 * update. Returns the text of the refusal when a word is none of these.
 */
export function parseConfChanges(text: string): ConfChangeSingle[] | string {
  const changes: ConfChangeSingle[] = [];
  for (const word of text.split(/\s+/u).filter((part) => part !== "")) {
    if (word.length < 2) return `unknown token ${word}`;
    const type = LETTERS.get(word.charAt(0));
    if (type === undefined) return `unknown input: ${word}`;
    const digits = word.slice(1);
    if (!/^\d+$/u.test(digits)) return `parsing "${digits}": invalid syntax`;
    changes.push({ type, nodeId: BigInt(digits) });
  }
  return changes;
}

/** The short form of operations. */
export function formatConfChanges(changes: readonly ConfChangeSingle[]): string {
  return changes.map(({ type, nodeId }) => `${LETTER_OF.get(type) ?? "?"}${nodeId}`).join(" ");
}
