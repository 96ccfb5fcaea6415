import type { DefinitionClass, DefinitionMetadata, OvalContentInfo } from '../../model/index.ts';
import type { WantedFiles } from '../files/wanted-files.ts';
import type { OvalCheck, OvalDefinition } from '../oval/model.ts';
import type { OvalResult } from '../values/result.ts';
import type { Logic } from './logic.ts';
import type { PlatformExpression } from './platform-check.ts';

/** Format of compiled OVAL. A reader refuses any other number. */
export const compiledOvalFormat = 2;

export const compiledOvalKind = 'scapfeed-oval';

/** The last line. A place that is wrong by one digit would leave definitions out. */
export function checksumLine(crc: number): string {
  return `{"crc32":"${crc.toString(16).padStart(8, '0')}"}\n`;
}

/**
 * First line of compiled OVAL. Three kinds of lines follow. Records of definitions, members of groups and tests of packages
 * are found by their places, which are counted from the end of the first line. Behind `elements` are the elements of the
 * documents, `{"key":…,"value":…}` in order of keys, as in a compiled benchmark. The last line is the checksum of all others.
 */
export interface CompiledOvalHead {
  format: typeof compiledOvalFormat;
  kind: typeof compiledOvalKind;
  tool: string;
  info: OvalContentInfo;
  wanted: WantedFiles;
  documents: CompiledDocument[];
  elements: number;
}

export interface CompiledDocument {
  schemaVersion: string;
  testTypes: string[];
  /** Id and title of definitions of class inventory. */
  inventory: [id: string, title: string][];
  /** Ids of definitions that cannot be compiled, with their class: they are evaluated as from XML. */
  uncompiled: [id: string, kind: DefinitionClass][];
  /** What definitions ask of the platform, each expression of a class once, in order of their first. */
  platforms: [kind: DefinitionClass, expression: PlatformExpression][];
  /** Definitions by what they are on an image without any of the packages. */
  groups: DefinitionGroup[];
  /** Ids by number of the tests that an image without those packages can change. */
  tests: [number: number, id: string][];
  /** Results of tests of packages on an image without the package, where they are not false. */
  absent: [number: number, result: OvalResult][];
  /** Tests of one package that compare its version with one value differ in the rest only here. */
  forms: TestForm[];
  /** Names of packages, joined by blanks, with the lengths of their lines, which begin at `at`. */
  packages: Record<'rpm' | 'deb', { at: number; names: string; lengths: number[] }>;
}

/** Definitions of one class whose result on an image without any of the packages is the same by the same tests. */
export interface DefinitionGroup {
  class: DefinitionClass;
  logic: Logic;
  count: number;
  /** Place of the line with the places of their records. */
  members: Place;
}

export type Place = [at: number, length: number];

export interface TestForm {
  check: OvalCheck;
  entity: string;
  operation: string;
  datatype: string;
  /** Its result if the package is not installed. */
  absent: OvalResult;
}

/** One definition, without what only a report of all details needs. */
export interface DefinitionRecord {
  id: string;
  version: string;
  class: DefinitionClass;
  title: string;
  deprecated?: true;
  metadata: DefinitionMetadata;
  group: number;
  logic: Logic;
}

/**
 * Tests of one package: `[number, form, value, definitions]`, or `[number, id, absent, definitions]` for those without such a
 * form. Definitions are the places of their records.
 */
export type PackageTests = ([number, number, string, Place[]] | [number, string, OvalResult, Place[]])[];

/** A definition among the elements: the place of its record, or what that would say. */
export interface CompiledDefinition extends OvalDefinition {
  record?: Place;
  metadata?: DefinitionMetadata;
}
