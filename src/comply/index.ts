import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ComplianceResult, OvalResultsData } from '../model/index.ts';
import { openContentFile } from './content/content-file.ts';
import { isCompiled, type LoadedContent, loadCompiled, loadSource } from './content/load.ts';
import { type ContentOptions, readContent, type ScapContent } from './content/read-content.ts';
import { imageCollector } from './probes/image-collector.ts';
import type { ImageSystem } from './probes/system.ts';
import { complianceResult, type OutcomeSettings } from './result/compliance-result.ts';
import { ovalData } from './result/oval-data.ts';
import { evaluateBenchmark } from './xccdf/evaluate.ts';
import { findProfile, profilesOf } from './xccdf/find-profile.ts';
import type { Tailoring } from './xccdf/model.ts';
import { readTailoring } from './xccdf/read-profiles.ts';

export { compileContent } from './content/compile.ts';
export type { LoadedContent } from './content/load.ts';
export { wantedInspection, wantedPredicate } from './files/wanted-files.ts';
export type { ImageSystem } from './probes/system.ts';
export { profileRules, type RemediationType, remediate, remediationTypes } from './result/remediation.ts';
export { findProfile, profilesOf, shortId } from './xccdf/find-profile.ts';
export { listRules, type TailoringRequest, tailorProfile } from './xccdf/tailor.ts';

export interface ReadOptions extends Pick<ContentOptions, 'stream' | 'checklist'> {
  /** Folder whose files stand for remote references, by their last part. */
  localFiles?: string;
  /** Files of more CPE dictionaries. */
  dictionaries?: readonly string[];
}

/** Reads a data stream or an XCCDF benchmark from a file, for compiling. */
export function readContentFile(
  path: string,
  options: ReadOptions = {},
): { content: ScapContent; bytes: Buffer } {
  const file = openContentFile(path);
  const bytes = file.read(0, file.size);
  file.close();
  const { stream, checklist, dictionaries = [] } = options;
  const content = readContent(bytes, path, {
    local: localReader(path, options.localFiles),
    ...(stream === undefined ? {} : { stream }),
    ...(checklist === undefined ? {} : { checklist }),
    dictionaries: dictionaries.map((each) => ({ source: readFileSync(each), where: each })),
  });
  return { content, bytes };
}

/** Opens content of either form, ready to be evaluated. */
export function openContent(path: string, options: ReadOptions = {}): LoadedContent {
  const file = openContentFile(path);
  if (isCompiled(file)) return loadCompiled(file, path);
  file.close();
  const { content, bytes } = readContentFile(path, options);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return loadSource(content, { name: basename(path), sha256 });
}

/**
 * Relative references are read beside the content, then from `--local-files`; remote ones from there only, by the content's
 * own name for them or by their last part.
 */
function localReader(path: string, folder: string | undefined): NonNullable<ContentOptions['local']> {
  return (name, alias) => {
    const beside = /^[a-z]+:\/\//.test(name) ? [] : [join(dirname(path), name)];
    const names = [...(alias === undefined ? [] : [alias]), decoded(name)].map((each) => basename(each));
    const copies = folder === undefined ? [] : names.map((each) => join(folder, each));
    const found = [...beside, ...copies].find(isFile);
    return found === undefined ? undefined : readFileSync(found);
  };
}

/** A name that no file can have is not there. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** An address without its escapes; one that is not encoded as addresses are stands for itself. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export interface ComplyOptions extends OutcomeSettings {
  profile?: string;
  tailoring?: string;
  /** Seconds since the epoch. */
  now: number;
}

/** An evaluation's results: the rules, and on demand what OVAL results hold. */
export interface Compliance {
  result: ComplianceResult;
  oval(): OvalResultsData[];
}

/** Evaluates a profile on an image. */
export function comply(content: LoadedContent, system: ImageSystem, options: ComplyOptions): Compliance {
  const tailorings: Tailoring[] = [...content.tailorings];
  if (options.tailoring !== undefined) {
    tailorings.unshift(readTailoring(readFileSync(options.tailoring), options.tailoring));
  }
  const profiles = profilesOf(content.benchmark, tailorings);
  const evaluation = evaluateBenchmark(content, {
    ...(options.profile === undefined ? {} : { profile: findProfile(options.profile, profiles) }),
    profiles,
    collect: imageCollector(system),
    now: options.now,
  });
  return {
    result: complianceResult(content, evaluation, options),
    oval: () => evaluation.engines.map(({ href, engine }) => ovalData(href, engine)),
  };
}
