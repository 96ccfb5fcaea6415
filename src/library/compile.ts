import { writeResult, writeResultWhile } from '../io/replace-file.ts';
import { ScapfeedError } from '../model/error.ts';
import { type CompilationParameters, keptProfileOptions } from '../tasks/compile/options.ts';
import { openCompilable } from '../tasks/compile/run.ts';
import type { ContentFile } from '../tasks/content/options.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link compileContent}. */
export interface CompileContentOptions extends RunOptions, CompilationParameters {
  /** The output file. It is replaced as a whole at the end. */
  out: string;
}

/** The result of {@link compileContent}. */
export interface CompiledContent {
  kind: 'benchmark' | 'definitions';
  /** For a benchmark: components of the content that were missing, each with a reason. */
  missing: Readonly<Record<string, string>>;
}

/** @internal */
export const compileContentParameters: ParameterCheck = new ParameterCheck('compileContent', {
  content: required(things.contentFile),
  options: required(
    optionShapes<CompileContentOptions>({
      ...things.runOptions,
      out: required(text),
      ...shapesOf(keptProfileOptions),
    }),
  ),
});

/**
 * Compiles a data stream or benchmark for {@link comply}, or OVAL definitions for {@link evalOval}. Same as `scapfeed compile`.
 * Definitions are compiled while they are read. If the call is cancelled, an existing output file is unchanged.
 *
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`, `SOURCE_TOO_LARGE`,
 * `OUTPUT_NOT_WRITABLE`, `DISK_FULL`; `USAGE` when `profiles` is set for OVAL definitions, which have none
 * @example
 * ```ts
 * import { compileContent, comply } from 'scapfeed';
 *
 * const { kind } = await compileContent({ file: 'benchmark.xml' }, { out: 'benchmark.json' });
 * console.log(kind); // benchmark
 * await comply('dir:image', { content: { file: 'benchmark.json' }, profile: 'standard' });
 * ```
 */
export function compileContent(
  content: ContentFile,
  options: CompileContentOptions,
): Promise<CompiledContent> {
  return run(compileContentParameters, [content, options], async (report) => {
    const { out, profiles } = options;
    report(`reading ${content.file}`);
    const opened = await openCompilable(content);
    report(`compiling ${content.file}`);
    if (opened.kind === 'benchmark') {
      writeResult(out, 'compiled benchmark', opened.compile(profiles));
      return { kind: opened.kind, missing: Object.fromEntries(opened.missing) };
    }
    if (profiles !== undefined)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'OVAL definitions have no profiles',
        remedy: 'omit `profiles`',
      });
    await writeResultWhile(out, 'compiled definitions', opened.compile);
    return { kind: opened.kind, missing: {} };
  });
}
