import { ScapfeedError } from '../../model/error.ts';
import type { Benchmark, Tailoring } from '../xccdf/model.ts';
import type { ComponentRef, DataStream, DataStreamCollection, StreamComponent } from './data-stream.ts';
import type { Find, Missing } from './find-component.ts';
import type { ContentOptions } from './scap-content.ts';

/** Id of the referenced component, or its whole address if that has no id. */
export function componentName({ href }: ComponentRef): string {
  return href.slice(href.indexOf('#') + 1);
}

interface Checklist {
  stream: DataStream;
  checklist: ComponentRef;
  benchmark: Benchmark;
}

/** The requested benchmark, or the first. A checklist may also be a tailoring, which stands for its benchmark. */
export function chooseChecklist(
  collection: DataStreamCollection,
  find: Find,
  where: string,
  { stream: wantedStream, checklist: wanted }: ContentOptions,
): Checklist {
  const streams = collection.streams.filter(({ id }) => wantedStream === undefined || id === wantedStream);
  let failed: string | undefined;
  for (const stream of streams) {
    for (const ref of stream.checklists) {
      if (wanted !== undefined && !isNamed(ref, wanted, find)) continue;
      const component = find(ref.href, ref.id);
      if (component.kind === 'xccdf') return { stream, checklist: ref, benchmark: component.benchmark };
      const tailored =
        wanted !== undefined && component.kind === 'tailoring' && benchmarkOf(stream, ref, component, find);
      if (tailored) return tailored;
      if (component.kind === 'missing') throw unreadable(where, ref, component);
      failed ??= `the checklist ${ref.id} is no Benchmark: ${describe(component)}`;
    }
  }
  if (failed !== undefined) throw missingComponent(where, failed);
  const known = collection.streams.flatMap(({ id, checklists }) =>
    checklists.map((ref) => `${id} ${ref.id}`),
  );
  throw missingComponent(where, `no such data stream or checklist; there are: ${known.join(', ') || 'none'}`);
}

function isNamed(ref: ComponentRef, wanted: string, find: Find): boolean {
  if (ref.id === wanted || componentName(ref) === wanted) return true;
  const component = find(ref.href, ref.id);
  return component.kind === 'xccdf' && component.benchmark.id === wanted;
}

/** The benchmark of a tailoring: by the catalog, by its id, or the only one of the stream. */
function benchmarkOf(
  stream: DataStream,
  from: ComponentRef,
  { tailoring }: { tailoring: Tailoring },
  find: Find,
): Checklist | undefined {
  const benchmarks = stream.checklists.flatMap((checklist): Checklist[] => {
    const component = find(checklist.href, checklist.id);
    return component.kind === 'xccdf' ? [{ stream, checklist, benchmark: component.benchmark }] : [];
  });
  const name = tailoring.benchmark ?? '';
  const id = from.catalog.get(name) ?? name.replace(/^#/, '');
  const named = benchmarks.find(({ checklist, benchmark }) => checklist.id === id || benchmark.id === id);
  return named ?? (benchmarks.length === 1 ? benchmarks[0] : undefined);
}

export function tailoringsOf({ components, streams }: DataStreamCollection, find: Find): Tailoring[] {
  const elsewhere = streams.flatMap(({ checklists }) =>
    checklists.filter(({ href }) => !href.startsWith('#')),
  );
  const all = [...components.values(), ...elsewhere.map(({ href, id }) => find(href, id))];
  return all.flatMap((each) => (each.kind === 'tailoring' ? [each.tailoring] : []));
}

function describe(component: StreamComponent): string {
  return component.kind === 'other' ? `it is a <${component.root}>` : `it is a ${component.kind} component`;
}

function unreadable(where: string, { id, href }: ComponentRef, { reason }: Missing): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: `the checklist ${id} leads to ${href}: ${reason}`,
    where,
    remedy: 'put the file beside the content, or specify its folder with --local-files',
  });
}

function missingComponent(where: string, message: string): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MISSING',
    message,
    where,
    remedy: 'see the list of `scapfeed compile --list`',
  });
}
