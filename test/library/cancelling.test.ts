import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileOval } from '../../src/comply/index.ts';
import { finish } from '../../src/io/cancellation.ts';
import { comply, evalOval, type RunOptions, verifyFiles } from '../../src/library/index.ts';
import { stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** So many that none of the evaluations ends in its first twenty milliseconds. */
const checks = 2000;
const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

let folder: string;
const at = (path: string) => join(folder, path);

beforeAll(() => {
  folder = temporaryFolder('cancelling');
  mkdirSync(at('image/etc'), { recursive: true });
  mkdirSync(at('image/var/lib/dpkg'), { recursive: true });
  mkdirSync(at('image/opt'));
  writeFileSync(at('image/etc/os-release'), 'ID=debian\nVERSION_ID="12"\n');
  writeFileSync(at('image/var/lib/dpkg/status'), stanza('libssl3', '3'));
  for (let n = 0; n < checks; n++) writeFileSync(at(`image/opt/${n}`), '\x7fELF');
  writeFileSync(at('oval.xml'), manyDefinitions());
  writeFileSync(
    at('oval.jsonl'),
    compileOval(Buffer.from(manyDefinitions()), { name: 'oval.xml', where: 'oval.xml', tool: 'test' }),
  );
  writeFileSync(at('benchmark.xml'), manyRules());
}, 120_000);

/** Each reads lines of a file by a pattern of its own. */
function manyDefinitions(): string {
  const each = (make: (n: number) => string) => Array.from({ length: checks }, (_, n) => make(n)).join('');
  return `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent">
<definitions>${each((n) => `<definition id="oval:x:def:${n}" version="1" class="compliance"><metadata><title>${n}</title></metadata><criteria><criterion test_ref="oval:x:tst:${n}"/></criteria></definition>`)}</definitions>
<tests>${each((n) => `<ind:textfilecontent54_test id="oval:x:tst:${n}" version="1" check="all" comment="line"><ind:object object_ref="oval:x:obj:${n}"/></ind:textfilecontent54_test>`)}</tests>
<objects>${each((n) => `<ind:textfilecontent54_object id="oval:x:obj:${n}" version="1"><ind:filepath>/etc/os-release</ind:filepath><ind:pattern operation="pattern match">^ID=${n}</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>`)}</objects>
</oval_definitions>`;
}

function manyRules(): string {
  const rule = (n: number) =>
    `<Rule id="xccdf_x_rule_${n}" selected="true"><title>${n}</title><check system="${oval}"><check-content-ref href="oval.xml" name="oval:x:def:${n}"/></check></Rule>`;
  const rules = Array.from({ length: checks }, (_, n) => rule(n)).join('');
  return `<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_x_benchmark_many"><title>Many</title><version>1</version>${rules}</Benchmark>`;
}

/** Options that cancel once the last step has begun: only if the event loop turns within it is the work cancelled. */
function cancelledIn(step: string): RunOptions {
  const control = new AbortController();
  return {
    signal: control.signal,
    onProgress: ({ step: begun }) => {
      if (begun.startsWith(step)) setImmediate(() => control.abort(new Error('enough')));
    },
  };
}

describe('cancelled in the middle', () => {
  it.each(['oval.xml', 'oval.jsonl'])('evalOval of %s ends', async (content) => {
    const evaluating = evalOval(`dir:${at('image')}`, { content: at(content), ...cancelledIn('evaluating') });
    await expect(evaluating).rejects.toThrow('enough');
  });

  it('comply ends', async () => {
    const content = { file: at('benchmark.xml'), localFiles: folder };
    const judging = comply(`dir:${at('image')}`, { content, ...cancelledIn('judging') });
    await expect(judging).rejects.toThrow('enough');
  });

  it('verifyFiles ends', async () => {
    const comparing = verifyFiles(`dir:${at('image')}`, cancelledIn('comparing'));
    await expect(comparing).rejects.toThrow('enough');
  });

  it('the results of work that is not cancelled are whole', async () => {
    const reference = `dir:${at('image')}`;
    const { result: evaluation } = await evalOval(reference, { content: at('oval.xml'), all: true });
    expect(evaluation.definitions.length).toBe(checks);
    const content = { file: at('benchmark.xml'), localFiles: folder };
    const { result: compliance } = await comply(reference, { content });
    expect(compliance.rules.length).toBe(checks);
    const { result: verification } = await verifyFiles(reference);
    expect(verification.counts.files).toBeGreaterThan(checks);
  });
});

it('work with pauses lets other things happen, and has their result', async () => {
  let isAsked = false;
  setImmediate(() => (isAsked = true));
  const asking = function* () {
    while (!isAsked) yield;
    return 'answered';
  };
  expect(await finish(asking())).toBe('answered');
});
