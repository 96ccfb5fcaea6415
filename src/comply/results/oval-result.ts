import {
  type DefinitionClass,
  type DefinitionResult,
  definitionClasses,
  definitionResults,
  type EvaluatedDefinition,
  type OvalEvaluation,
} from '../../model/compliance/index.ts';
import { affectedPlatforms, noMetadata, readGenerator, readMetadata } from '../eval/metadata.ts';
import { isReported } from '../eval/reported.ts';
import { Tally } from '../eval/tally.ts';
import { childElements, childText, firstChild, isTrue, type XmlElement } from '../xml/read-xml.ts';
import type { ResultEvidence } from './oval-evidence.ts';

interface Settings {
  name: string;
  sha256: string;
  toolVersion: string;
  evidence: ResultEvidence;
}

/** OVAL results of any tool as plain data: what each definition says, and its result. */
export function evaluationOf(
  element: XmlElement,
  { name, sha256, toolVersion, evidence }: Settings,
): OvalEvaluation {
  const documents = firstChild(element, 'oval_definitions');
  const listed = new Map(
    (documents && firstChild(documents, 'definitions')
      ? childElements(firstChild(documents, 'definitions')!)
      : []
    ).map((definition) => [definition.attrs['id'] ?? '', definition]),
  );
  const system = firstChild(firstChild(element, 'results') ?? element, 'system');
  const list = system && firstChild(system, 'definitions');
  const definitions = (list ? childElements(list, 'definition') : []).map((definition) =>
    definitionOf(definition, listed, evidence),
  );
  const tally = new Tally();
  for (const { class: kind, result } of definitions) tally.add(kind, result);
  const generator = documents && firstChild(documents, 'generator');
  const platforms = new Set<string>();
  for (const definition of listed.values())
    for (const platform of affectedPlatforms(firstChild(definition, 'metadata') ?? definition))
      platforms.add(platform);
  return {
    tool: { name: 'scapfeed', version: toolVersion },
    image: { reference: hostOf(system) },
    content: {
      name,
      sha256,
      documents: [
        {
          ...(generator ? readGenerator(generator) : { schemaVersion: '5.11' }),
          platforms: [...platforms].sort(),
        },
      ],
    },
    time: timeOf(element),
    applies: 'unknown',
    reason: 'results do not say what the content checks about the system',
    inventory: definitions.flatMap(({ class: kind, id, title, result }) =>
      kind === 'inventory' ? { id, title, result } : [],
    ),
    counts: tally.counts(),
    definitions: definitions.sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function definitionOf(
  element: XmlElement,
  listed: ReadonlyMap<string, XmlElement>,
  evidence: ResultEvidence,
): EvaluatedDefinition {
  const { definition_id: id = '', version = '', result } = element.attrs;
  const definition = listed.get(id);
  const metadata = definition && firstChild(definition, 'metadata');
  const message = childText(element, 'message');
  const row: EvaluatedDefinition = {
    id,
    version,
    class: known<DefinitionClass>(
      definitionClasses,
      element.attrs['class'] ?? definition?.attrs['class'],
      'miscellaneous',
    ),
    title: ((metadata && childText(metadata, 'title')) ?? id).replace(/\s+/g, ' ').trim(),
    result: known<DefinitionResult>(definitionResults, result, 'unknown'),
    ...(definition && isTrue(definition.attrs['deprecated']) ? { deprecated: true as const } : {}),
    ...(message === undefined ? {} : { message }),
    ...(metadata ? readMetadata(metadata) : noMetadata),
    evidence: [],
  };
  return isReported(row) ? { ...row, ...evidence.of(id) } : row;
}

function known<Word extends string>(words: readonly Word[], word: string | undefined, otherwise: Word): Word {
  return words.find((each) => each === word) ?? otherwise;
}

function hostOf(system: XmlElement | undefined): string {
  const info =
    system && firstChild(firstChild(system, 'oval_system_characteristics') ?? system, 'system_info');
  return (info && childText(info, 'primary_host_name')) || 'unknown host';
}

function timeOf(element: XmlElement): string {
  const generator = firstChild(element, 'generator');
  const time = Date.parse((generator && childText(generator, 'timestamp')) ?? '');
  return new Date(Number.isNaN(time) ? 0 : time).toISOString();
}
