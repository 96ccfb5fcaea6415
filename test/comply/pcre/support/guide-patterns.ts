import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parsePcre } from '../../../../src/comply/pcre/parse.ts';
import type { Node } from '../../../../src/comply/pcre/syntax.ts';
import { securityGuide } from '../../../support/oracles.ts';

const form = /<[^>]*operation="pattern match"[^>]*>([^<]+)</g;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Every pattern in the OVAL of the SCAP Security Guide. */
export function guidePatterns(): string[] {
  const files = readdirSync(securityGuide).filter((file) => file.endsWith('-oval.xml'));
  const found = files.flatMap((file) =>
    [...readFileSync(join(securityGuide, file), 'utf8').matchAll(form)].map(([, text = '']) =>
      text.trim().replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole),
    ),
  );
  return [...new Set(found)].sort();
}

const plain = { ignoreCase: false, multiline: false, dotAll: false, extended: false };

/** Texts that a pattern is likely to match, and the same with a small change. */
export function textsOf(pattern: string): string[] {
  const text = matching(parsePcre(pattern, plain).root);
  const texts = fc.sample(fc.oneof(text, text.chain(changed)), { seed: 1, numRuns: 18 });
  return ['', `a line\n${texts[0]}\nanother = 1\n`, ...texts];
}

/** Texts that the tree of a pattern makes, without regard to what assertions and references ask. */
function matching(node: Node): fc.Arbitrary<string> {
  const join = (parts: readonly fc.Arbitrary<string>[]) => fc.tuple(...parts).map((all) => all.join(''));
  switch (node.kind) {
    case 'set':
      return fc.constantFrom(...charactersOf(node.set));
    case 'sequence':
      return join(node.items.map(matching));
    case 'alternatives':
      return fc.oneof(...node.branches.map(matching));
    case 'repeat': {
      const maxLength = Math.min(node.max, node.min + 3);
      return fc
        .array(matching(node.body), { minLength: node.min, maxLength, size: 'max' })
        .map((all) => all.join(''));
    }
    case 'capture':
    case 'plain':
    case 'atomic':
      return matching(node.body);
    default:
      return fc.constant('');
  }
}

function charactersOf(set: readonly number[]): string[] {
  const ends = set.filter((code) => code < 0x80 && code >= 0x20);
  return (ends.length > 0 ? ends : [set[0] as number]).map((code) => String.fromCodePoint(code));
}

function changed(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.nat({ max: text.length }),
      fc.constantFrom('', ' ', '\n', 'x', '\t#', '\u00e9', '\u{1f600}'),
      fc.boolean(),
    )
    .map(([at, other, replaces]) => text.slice(0, at) + other + text.slice(at + Number(replaces)));
}
