import { compileOval, evaluateOval, loadCompiledOval, type OvalContent } from '../../src/comply/index.ts';
import { OvalEngine } from '../../src/comply/oval/engine.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import { askedAsOscap } from '../comply/support/as-oscap.ts';
import { systemOf } from '../comply/support/roots.ts';
import { type Reach, reachOf } from './reach.ts';

/** Results of the definitions of one document on one root, ours beside oscap's. */
export interface Comparison {
  compared: number;
  /** Results of oscap that are true: without any, equality would say little. */
  held: number;
  equal: number;
  /** Differences by their cause. */
  explained: Map<string, number>;
  unexplained: string[];
}

/** Why a result may differ from oscap's. A difference has the cause if it is gone once that is done as oscap does it. */
export const liveCause =
  'kernel, processor, mounts, labels: unknown where nothing in the image tells them; oscap leaves the test out or finds nothing';

export const danglingCause =
  'a reference to an element that the document, which was cut, does not have: the test is in error, where oscap aborts or ends otherwise';

export const noVersionCause =
  'a state whose value is no version (a list of some, a blank inside): an error, where oscap compares the text as if it were one';

export const epochCause =
  'an EVR without an epoch: it has epoch 0 by the specification, where oscap orders it before 0';

/** The document as `eval` reads it after `compile`. */
export function compiledContent(text: Buffer, name: string): OvalContent {
  const bytes = compileOval(text, { name, where: name, tool: 'prove' });
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return loadCompiledOval({ size: bytes.length, read }, name);
}

/** Evaluates content as `eval` does and puts the result of each definition to oscap. */
export function compareResults(
  content: OvalContent,
  compiled: OvalContent,
  root: string,
  oscap: ReadonlyMap<string, string> | undefined,
): Comparison {
  const system = systemOf(root);
  const { definitions } = evaluateOval(content, system, { now: 0, all: true });
  const index = evaluateOval(compiled, system, { now: 0, all: true });
  const indexed = new Map(index.definitions.map(({ id, result }) => [id, result]));
  const found: Comparison = { compared: 0, held: 0, equal: 0, explained: new Map(), unexplained: [] };
  const own = new Map<string, string>(definitions.map(({ id, result }) => [id, result]));
  for (const [id, result] of own) {
    if (indexed.get(id) !== result) found.unexplained.push(`${id}: ${result}, compiled ${indexed.get(id)}`);
  }
  const collect = askedAsOscap(imageCollector(system));
  const alike = content.documents.map(({ lookup }) => new OvalEngine({ document: lookup, collect }));
  for (const id of new Set([...own.keys(), ...(oscap?.keys() ?? [])])) {
    const [ours, theirs] = [own.get(id), oscap?.get(id)];
    found.compared += 1;
    if (theirs === 'true') found.held += 1;
    const cause = (): string | undefined => {
      if (theirs !== undefined && alike.some((engine) => engine.definition(id) === theirs)) return liveCause;
      return causeOf(content.documents.map(({ lookup }) => reachOf(lookup, id)));
    };
    const known = ours === theirs ? undefined : oscap ? cause() : danglingCause;
    if (ours === theirs) found.equal += 1;
    else if (known === undefined) found.unexplained.push(`${id}: ${ours}, oscap ${theirs}`);
    else found.explained.set(known, (found.explained.get(known) ?? 0) + 1);
  }
  return found;
}

function causeOf(reaches: readonly Reach[]): string | undefined {
  const versions = reaches.flatMap((reach) => reach.versions);
  if (reaches.every(({ dangling }) => dangling)) return danglingCause;
  if (versions.some((version) => /[,\s]/.test(version))) return noVersionCause;
  return versions.some((version) => !/^\d+:/.test(version)) ? epochCause : undefined;
}
