import {
  type Document,
  type ErrorCode,
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';

/** More than any file that a person writes has; limits the work on a hostile one. */
const maxBytes = 1 << 20;
/** Of mappings and lists; ours need four. */
const maxDepth = 30;

/** Makes the error about a file of a kind. */
export type Refuse = (message: string, where: string, cause?: unknown) => Error;

/** A document of YAML with the lines of its parts. Its top is a mapping, or it is empty. */
export interface YamlText {
  document: Document;
  top: YAMLMap | undefined;
  /** The line of a part of the document, from 1. */
  lineOf(node: unknown): number;
}

/** Reads YAML 1.2 without anchors, so that a small file stays small, and with every key once. Each error names its line, and quotes nothing. */
export function readYaml(bytes: Buffer, file: string, expected: string, refuse: Refuse): YamlText {
  if (bytes.length > maxBytes) throw refuse(`expected at most ${maxBytes} bytes`, file);
  const text = bytes.toString('utf8');
  if (indentation(text) > maxDepth) throw refuse(`expected at most ${maxDepth} levels`, file);
  const lines = new LineCounter();
  const document = parse(text, lines, file, refuse);
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS') throw refuse('expected one document, found several', file);
  if (error) throw refuse(faultOf(error), `${file}:${error.linePos?.[0].line ?? 1}`);
  const lineOf = (node: unknown) => {
    const [at] = (node as { range?: readonly number[] } | undefined)?.range ?? [];
    return at === undefined ? 1 : lines.linePos(at).line;
  };
  const { contents } = document;
  if (contents === null) return { document, top: undefined, lineOf };
  if (!isMap(contents)) throw refuse(`expected ${expected}`, file);
  visit(document, {
    Map: (_, map) => {
      const again = repeatedKey(map);
      if (again) throw refuse('Map keys must be unique', `${file}:${lineOf(again)}`);
    },
    Alias: () => {
      throw refuse('anchors and aliases are not allowed', file);
    },
  });
  return { document, top: contents as YAMLMap, lineOf };
}

function parse(text: string, lines: LineCounter, file: string, refuse: Refuse): Document {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  } catch (cause) {
    throw refuse('it cannot be read as YAML', file, cause);
  }
}

/** The parser's own check compares each key with all others. */
function repeatedKey(map: YAMLMap): unknown {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) return key;
    seen.add(name);
  }
  return undefined;
}

/** Levels of flow collections, and the indentation with its marks of the deepest line: what the parser recurses into. */
function indentation(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (const sign of text) {
    if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth = Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  const blocks = text.split('\n').map((line) => /^[ ?:-]*/.exec(line)![0].length);
  return Math.max(deepest, Math.floor(blocks.reduce((most, each) => Math.max(most, each), 0) / 2));
}

/**
 * In place of the parser's messages that quote the file: an error may be printed where others read it, and the file may be another
 * than was meant.
 */
const ownWords: Partial<Readonly<Record<ErrorCode, string>>> = {
  BAD_ALIAS: 'a wrong anchor or alias',
  BAD_DIRECTIVE: 'a directive that YAML 1.2 does not have',
  BAD_DQ_ESCAPE: 'an invalid escape sequence',
  BAD_SCALAR_START: 'a value without quotes starts with a reserved character',
  TAG_RESOLVE_FAILED: 'an unknown tag',
  UNEXPECTED_TOKEN: 'text where none is expected',
};

function faultOf({ code, message }: YAMLParseError): string {
  return ownWords[code] ?? message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
}
