import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vendorOval } from './generate-vendor-oval.mjs';
import { besideNode, figure, measure, measurePair } from './support.mjs';

const cli = join(import.meta.dirname, '../dist/cli.cjs');

/**
 * A vendor's document of 20,000 definitions on 400 packages: from XML, compiled, and compiling itself, beside oscap. Compiling one of
 * 80,000 as well: the start and cold code are a quarter of what 20,000 take.
 */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-eval-'));
  try {
    const installed = Array.from({ length: 400 }, (_, at) => ({
      name: `pkg${at}`,
      version: `${1 + (at % 5)}.${at % 17}-${1 + (at % 4)}`,
    }));
    const root = join(folder, 'root');
    writeRoot(root, installed);
    const document = join(folder, 'vendor.oval.xml');
    writeDocument(document, 20_000, installed);
    const found = await figures({ folder, root, document, quick });
    if (quick) return found;
    writeDocument(document, 80_000, installed);
    return [...found, ...(await compileFigures(document, join(folder, 'large.jsonl'), 7))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function figures({ folder, root, document, quick }) {
  const runs = quick ? 2 : 7;
  // oscap takes seconds each time: its first run is as good as its second.
  const besideOscap = quick ? { runs: 1, warmup: 0 } : { runs };
  const compiled = join(folder, 'vendor.oval.jsonl');
  const compiling = await compileFigures(document, compiled, runs);
  const from = (content) => ({ command: 'node', args: [cli, 'eval', `dir:${root}`, '--content', content] });
  const oscap = {
    command: 'oscap',
    args: ['oval', 'eval', '--skip-validation', document],
    env: { OSCAP_PROBE_ROOT: root },
  };
  const fromXml = await measurePair(from(document), oscap, besideOscap);
  // Of one run the disk decides, not the program: oscap's time is that of before then.
  const fromIndex = quick
    ? { a: await measure('node', from(compiled).args, { runs: 5 }), b: fromXml.b }
    : await measurePair(from(compiled), oscap, besideOscap);
  const common = { unit: 's', referenceName: 'oscap oval eval', atLeast: false };
  const what = '20,000 definitions on 400 packages';
  return [
    figure({
      ...common,
      name: `eval, ${what}, compiled`,
      value: fromIndex.a.wall,
      reference: fromIndex.b.wall,
      target: 1 / 40,
    }),
    ...(await besideNode(`eval, ${what}, compiled`, from(compiled).args, runs)).map(told),
    figure({
      ...common,
      name: `eval, ${what}, from XML`,
      value: fromXml.a.wall,
      reference: fromXml.b.wall,
      target: 1 / 4,
    }),
    ...compiling,
  ];
}

function writeDocument(path, count, installed) {
  writeFileSync(path, [...vendorOval({ count, installed, type: 'deb' })].join(''));
}

async function compileFigures(document, compiled, runs) {
  const megabytes = statSync(document).size / 1e6;
  const { wall, rss } = await measure('node', [cli, 'compile', document, '-o', compiled], { runs });
  const name = `compile, ${Math.round(megabytes)} MB of OVAL`;
  return [
    figure({
      name,
      value: megabytes / wall,
      unit: 'MB/s',
      target: 60,
      kind: 'absolute',
      atLeast: true,
    }),
    figure({ name: `${name}, peak memory`, value: rss, unit: 'MB', target: 400, kind: 'absolute' }),
  ];
}

/** Twice the start of Node, and 80 MB. It is told and cannot fail a quick run, because Node's start differs by the hour. */
function told({ name, value, unit, reference, referenceName }) {
  const target = unit === 'MB' ? 80 : Math.round(2 * reference);
  return figure({ name, value, unit, reference, referenceName, target, kind: 'absolute' });
}

function writeRoot(root, installed) {
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/os-release'), 'ID=acme\nVERSION_ID=9\n');
  const stanza = ({ name, version }) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nDescription: ${name}\n of Acme\nVersion: ${version}\n\n`;
  const all = [{ name: 'acme-release', version: '9.1-1' }, ...installed];
  writeFileSync(join(root, 'var/lib/dpkg/status'), all.map(stanza).join(''));
}
