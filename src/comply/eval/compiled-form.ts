import type { DefinitionClass, OvalContentInfo } from '../../model/compliance/index.ts';
import type { WantedByChecks } from '../files/wanted-files.ts';
import type { OvalCheck, OvalDefinition } from '../oval/model.ts';
import type { OvalResult } from '../values/result.ts';
import { type LinePlace, readPlace } from './checked-lines.ts';
import type { CompiledMetadata } from './compiled-metadata.ts';
import type { Logic } from './logic.ts';
import type { PlatformExpression } from './platform-check.ts';

/** Format of compiled OVAL. A reader refuses any other number. */
export const compiledOvalFormat = 7;

export const compiledOvalKind = 'scapfeed-oval';

/** First line of compiled OVAL. Every line carries a checksum of itself and its place: what a run reads is checked, and nothing else. */
export interface CompiledOvalStart {
  format: typeof compiledOvalFormat;
  kind: typeof compiledOvalKind;
  tool: string;
}

/**
 * Last line. Between the two are the elements of the documents in their order, `{"key":…,"value":…}` as in a compiled
 * benchmark, then the lines that find them, then the head.
 */
export interface CompiledOvalEnd {
  head: LinePlace;
  /** Bytes of the whole file. */
  size: number;
}

export interface CompiledOvalHead {
  info: OvalContentInfo;
  wanted: WantedByChecks;
  documents: CompiledDocument[];
}

export interface CompiledDocument {
  schemaVersion: string;
  testTypes: string[];
  /** Ids of definitions that are evaluated as from XML, with their class: those of class inventory, which are listed, among them. */
  uncompiled: [id: string, kind: DefinitionClass][];
  /** Conditions of definitions on the platform, each expression of a class once, in order of first use. */
  platforms: [kind: DefinitionClass, expression: PlatformExpression][];
  /** Definitions by what they are on an image without any of the packages. */
  groups: DefinitionGroup[];
  /** Ids of the tests that packages alone do not decide: numbers in `groups` are their places. */
  tests: string[];
  /** Results of tests of packages on an image without the package, where they are not false. */
  absent: [id: string, result: OvalResult][];
  /** The properties that tests of one package share when they compare one value with one other. */
  forms: TestForm[];
  packages: Record<'rpm' | 'deb', LinePlace>;
  /** Elements that every run needs, by their keys, where these are few. */
  common: Record<string, unknown>;
  /** Place of the line with the ids of all definitions, in the document's order. */
  definitions: LinePlace;
  /** Place of the line with the places of the buckets, in which elements are found by their keys. */
  buckets: LinePlace;
  bucketCount: number;
}

/** Definitions of one class whose results are the same by the same tests. */
export interface DefinitionGroup {
  class: DefinitionClass;
  /** On an image without any of the packages. */
  logic: Logic;
  /** As soon as a test of a package is true. Absent: that depends on which one it is. */
  reached?: Logic;
  count: number;
  /** Place of the line with the places of its definitions. */
  members: LinePlace;
}

export interface TestForm {
  check: OvalCheck;
  entity: string;
  operation: string;
  datatype: string;
  /** Its result if the package is not installed. */
  absent: OvalResult;
  /** Values are versions, the highest first, compared by "less than": those above an installed version are true. */
  isOrdered?: true;
}

/** Tests of one package. */
export interface PackageTests {
  name: string;
  /** `value test definitions` of each, all joined by blanks; definitions of one test, by commas. */
  forms: [form: number, tests: string][];
  /** Tests without such a form, with their results if the package is not installed. */
  others: [test: string, absent: OvalResult, definitions: string][];
}

/** Three words of a package's tests. */
export type TestWords = readonly [value: string, test: string, definitions: string];

/** Calls `isMore` with each test of a form until it returns false. False: the list does not have three words per test. */
export function walkTests(tests: string, isMore: (...words: TestWords) => boolean): boolean {
  for (let at = 0; at <= tests.length; ) {
    const test = tests.indexOf(' ', at) + 1;
    const definitions = tests.indexOf(' ', test) + 1;
    if (test === 0 || definitions === 0) return false;
    const next = tests.indexOf(' ', definitions);
    const end = next === -1 ? tests.length : next;
    if (!isMore(tests.slice(at, test - 1), tests.slice(test, definitions - 1), tests.slice(definitions, end)))
      return true;
    at = end + 1;
  }
  return true;
}

export interface IndexMembers {
  definitions: string;
}

export interface Buckets {
  places: string;
}

/** Keys of elements, and their places joined by blanks. */
export interface IndexBucket {
  keys: string[];
  places: string;
}

export interface DefinitionIds {
  ids: string[];
}

export interface CompiledDefinition extends OvalDefinition {
  metadata: CompiledMetadata;
}

/** Digits of a place that is as wide as others. */
const [atDigits, lengthDigits] = [11, 9];
const placeWidth = atDigits + lengthDigits;

export function widePlace([at, length]: LinePlace): string {
  return String(at).padStart(atDigits, '0') + String(length).padStart(lengthDigits, '0');
}

/** The nth of such places. */
export function placeAt(places: string, nth: number): LinePlace {
  const at = nth * placeWidth;
  return [Number(places.slice(at, at + atDigits)), Number(places.slice(at + atDigits, at + placeWidth))];
}

/** A definition's place and the group that it is in, in a list of them. */
export function definitionPlace([at, length]: LinePlace, group: number): string {
  return `${at}:${length}:${group}`;
}

export function readDefinitionPlace(text: string): { place: LinePlace; group: number } {
  const behind = text.lastIndexOf(':');
  return { place: readPlace(text.slice(0, behind)), group: Number(text.slice(behind + 1)) };
}

/** Says which bucket holds an element: the rest of a division by their number. */
export function keyHash(key: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) sum = Math.imul(sum ^ key.charCodeAt(at), 0x01000193);
  return sum >>> 0;
}
