import { createHash } from 'node:crypto';
import { type ComplianceResult, type OvalEvaluation, wrongScapRoot } from '../../model/compliance/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Benchmark } from '../xccdf/model.ts';
import { BenchmarkVisitor } from '../xccdf/read-benchmark.ts';
import { readXml, type Visit, type XmlElement, type XmlVisitor } from '../xml/read-xml.ts';
import { ResultEvidence } from './oval-evidence.ts';
import { evaluationOf } from './oval-result.ts';
import { complianceOf } from './xccdf-result.ts';

/** The content of a results document: of XCCDF alone, of OVAL alone, or an asset report collection of both. */
export interface ResultsDocument {
  root: 'Benchmark' | 'TestResult' | 'oval_results' | 'asset-report-collection';
  testResults: XmlElement[];
  ovalResults: XmlElement[];
  /** Benchmarks that stand beside the results. */
  benchmarks: Benchmark[];
  /** Assets and hosts that an asset report collection names. */
  assets: string[];
}

/** The elements that hold results. */
const roots: ReadonlySet<string> = new Set([
  'Benchmark',
  'TestResult',
  'oval_results',
  'asset-report-collection',
]);

/** Reads results of any tool. @throws CONTENT_MALFORMED for another document, or one without results */
function readResultsDocument(source: Uint8Array, where: string): ResultsDocument {
  const visitor = new ResultsVisitor(where);
  readXml(source, where, visitor);
  const { document } = visitor;
  if (document.testResults.length + document.ovalResults.length > 0) return document;
  throw noResults(where, `a <${document.root}> without results`);
}

function noResults(where: string, found: string): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: `expected results of XCCDF, OVAL or ARF, found ${found}`,
    where,
    remedy:
      'specify a file that `scapfeed comply` or `oscap xccdf eval` wrote; `scapfeed info` shows what a file is',
  });
}

class ResultsVisitor implements XmlVisitor {
  readonly document: ResultsDocument = {
    root: 'TestResult',
    testResults: [],
    ovalResults: [],
    benchmarks: [],
    assets: [],
  };
  readonly #where: string;
  #benchmark: BenchmarkVisitor | undefined;
  /** Depth of the benchmark that is being read. */
  #depth = 0;

  constructor(where: string) {
    this.#where = where;
  }

  open(element: XmlElement, depth: number): Visit {
    const { name, ns } = element;
    const isOwn = roots.has(name);
    if (depth === 1) {
      if (!isOwn) throw noResults(this.#where, `<${name}>`);
      this.document.root = name as ResultsDocument['root'];
    }
    if (isOwn && wrongScapRoot(name, element) !== undefined)
      throw noResults(this.#where, `<${name}> of ${ns || 'no namespace'}`);
    if (name === 'TestResult' || name === 'oval_results' || name === 'asset') return 'take';
    if (this.#benchmark) return this.#benchmark.open(element, depth - this.#depth + 1);
    if (name === 'Benchmark') {
      this.#benchmark = new BenchmarkVisitor(this.#where);
      this.#depth = depth;
      return this.#benchmark.open(element, 1);
    }
    return passedOver.includes(name) ? 'skip' : 'enter';
  }

  take(element: XmlElement): void {
    if (element.name === 'TestResult') this.document.testResults.push(element);
    else if (element.name === 'oval_results') this.document.ovalResults.push(element);
    else if (element.name === 'asset') this.document.assets.push(element.attrs['id'] ?? '');
    else this.#benchmark?.take(element);
  }

  close(element: XmlElement): void {
    if (!this.#benchmark) return;
    if (element.name === 'Group') this.#benchmark.close();
    if (element.name !== 'Benchmark') return;
    this.document.benchmarks.push(this.#benchmark.finish());
    this.#benchmark = undefined;
  }
}

/** Content that a collection of results may carry, and that says nothing about them. */
const passedOver: readonly string[] = [
  'oval_definitions',
  'cpe-list',
  'ocil',
  'Tailoring',
  'platform-specification',
];

/** Results that were read from a document: of a profile, or of OVAL definitions alone. */
export type ReadResults =
  | {
      kind: 'compliance';
      result: ComplianceResult /** Test results before it in the document. */;
      earlier: number;
    }
  | { kind: 'oval'; evaluation: OvalEvaluation };

/** Reads XCCDF results, OVAL results or an asset report collection, ours or another tool's; of several, the last. */
export function readResults(source: Uint8Array, name: string, toolVersion: string): ReadResults {
  const { testResults, ovalResults, benchmarks } = readResultsDocument(source, name);
  const last = testResults.at(-1);
  const evidence = new ResultEvidence(ovalResults);
  if (last) {
    const result = complianceOf(last, benchmarks, { where: name, toolVersion, evidence });
    return { kind: 'compliance', result, earlier: testResults.length - 1 };
  }
  const sha256 = createHash('sha256').update(source).digest('hex');
  return {
    kind: 'oval',
    evaluation: evaluationOf(ovalResults.at(-1)!, { name, sha256, toolVersion, evidence }),
  };
}

/** The description of a document, as a list of facts in reading order. */
export interface DocumentInfo {
  /** For example `SCAP source data stream`, `OVAL definitions`. */
  kind: string;
  facts: { name: string; value: string }[];
  profiles: { id: string; title: string; rules?: number }[];
  /** Counts by name: definitions by class, results by result. */
  counts: Record<string, number>;
}
