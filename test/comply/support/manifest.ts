import { readFileSync } from 'node:fs';
import { dataPath } from '../../support/data.ts';

/** One case of the openscap-tests data: a document, what it is judged on, and the results expected. */
export interface ConformanceCase {
  id: string;
  kind: 'oval-syschar' | 'oval-rootfs' | 'xccdf-rootfs' | 'ssg';
  file: string;
  syschar?: string;
  variables?: string;
  rootfs?: string;
  args?: string[];
  env?: Record<string, string>;
  definitions?: Record<string, string>;
  tests?: Record<string, string>;
  rules?: Record<string, string[]>;
  scores?: Record<string, string>;
  score_max?: Record<string, string>;
}

export function conformancePath(...parts: string[]): string {
  return dataPath('openscap-tests', ...parts);
}

export function conformanceCases(kind: ConformanceCase['kind']): ConformanceCase[] {
  const all = JSON.parse(readFileSync(conformancePath('manifest.json'), 'utf8')) as ConformanceCase[];
  return all.filter((each) => each.kind === kind);
}

export function readConformance(path: string): Buffer {
  return readFileSync(conformancePath(path));
}
