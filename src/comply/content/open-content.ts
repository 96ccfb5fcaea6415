import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readContentPart } from '../../io/read-at-most.ts';
import { openContentFile } from './content-file.ts';
import { isCompiled, type LoadedContent, loadCompiled, loadSource } from './load.ts';
import { readContent } from './read-content.ts';
import type { ContentOptions, ScapContent } from './scap-content.ts';

export interface ContentReadOptions extends Pick<ContentOptions, 'stream' | 'checklist'> {
  /** Folder with local copies of remote references, named by their last part. */
  localFiles?: string;
  /** Files of more CPE dictionaries. */
  dictionaries?: readonly string[];
}

/** Reads a data stream or an XCCDF benchmark from a file, for compiling. */
export function readContentFile(
  path: string,
  options: ContentReadOptions = {},
): { content: ScapContent; bytes: Buffer } {
  const file = openContentFile(path);
  const bytes = file.read(0, file.size);
  file.close();
  const { stream, checklist, dictionaries = [] } = options;
  const content = readContent(bytes, path, {
    local: localReader(path, options.localFiles),
    ...(stream === undefined ? {} : { stream }),
    ...(checklist === undefined ? {} : { checklist }),
    dictionaries: dictionaries.map((each) => ({ source: readContentPart(each), where: each })),
  });
  return { content, bytes };
}

/** Opens content of either form, ready to be evaluated. */
export function openContent(path: string, options: ContentReadOptions = {}): LoadedContent {
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
    return found === undefined ? undefined : readContentPart(found);
  };
}

/** False also for names that no file can have. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Decodes an address; one with invalid escapes stays as it is. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
