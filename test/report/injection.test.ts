import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { create } from 'xmlbuilder2';
import { type OutputCommand, outputFormats } from '../../src/cli/output-formats.ts';
import type { OvalEvaluation } from '../../src/model/compliance/index.ts';
import { escapeXml, escapeXmlLines } from '../../src/model/markup.ts';
import { arfReport } from '../../src/report/comply/arf.ts';
import { htmlReport } from '../../src/report/comply/html.ts';
import { complianceSubject, complianceSuite } from '../../src/report/comply/subject.ts';
import { complianceTable } from '../../src/report/comply/table.ts';
import { xccdfResult } from '../../src/report/comply/xccdf.ts';
import { evaluationHtml } from '../../src/report/eval/html.ts';
import { evaluationSubject, evaluationSuite } from '../../src/report/eval/subject.ts';
import { evaluationTable } from '../../src/report/eval/table.ts';
import { wholeJson } from '../../src/report/formats/json.ts';
import { junitReport } from '../../src/report/formats/junit.ts';
import { sarifLog } from '../../src/report/formats/sarif.ts';
import { safeDocument } from '../../src/report/safe-document.ts';
import { benchmark, lineCheck, rule } from '../comply/support/small-content.ts';
import { project, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { hostile, hostileFeed, hostileImage, hostileSbom } from './scan/support/hostile-scan.ts';
import { fullResult } from './support/sample-compliance.ts';

const folder = temporaryFolder();

/** Characters that a terminal acts on or that change the direction of text, by Unicode's classes. */
const steers = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** For each format what must hold, whatever the texts in it are. */
const judges: Readonly<Record<string, (text: string) => void>> = {
  table: tame,
  manifest: (text) => tame(text.replaceAll('\t', ' ')),
  json: jsonText,
  cyclonedx: jsonText,
  'cyclonedx-1.7': jsonText,
  'cyclonedx-vex': jsonText,
  spdx: jsonText,
  openvex: jsonText,
  csaf: jsonText,
  sarif: sarifText,
  gitlab: jsonText,
  copa: jsonText,
  'dependency-track': jsonText,
  'generic-findings': jsonText,
  junit: junitText,
  xccdf: xmlText,
  oval: xmlText,
  arf: xmlText,
  github(text) {
    for (const line of text.trimEnd().split('\n')) {
      expect(line).not.toMatch(steers);
      expect(line).toMatch(/^::(?:error|warning|notice) title=[^:,\r\n]*::[^\r\n\x1b]*$/);
    }
  },
  markdown(text) {
    expect(text.split('\n').filter((line) => steers.test(line))).toEqual([]);
    const outside = text.replaceAll(/<code>[^<]*<\/code>|&#\d+;/g, '');
    expect(outside.match(/[@#]\w|<(?!\/?(?:details|summary|sub)>)|javascript:|\x1b/)?.[0]).toBeUndefined();
  },
  csv(text) {
    expect(text.split(/\r?\n/).filter((line) => steers.test(line))).toEqual([]);
    expect(text.match(/\x1b|(?:^|,)"?\s*[=+\-@]/m)?.[0]).toBeUndefined();
  },
  html: pageText,
};

function tame(text: string): void {
  const lines = text.split('\n');
  expect(lines.filter((line) => steers.test(line))).toEqual([]);
  expect(lines.filter((line) => /^\s*::|##(?:vso|teamcity)?\[/.test(line))).toEqual([]);
}

/** A document that is printed to a terminal or to the log of a CI run steers neither. */
function safeToShow(text: string): void {
  expect(text.match(/[\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r/)?.[0]).toBeUndefined();
  expect(text.match(/^\s*::error.*|##(?:vso|teamcity)?\[/m)?.[0]).toBeUndefined();
}

/** Nothing in it acts if it is shown on a terminal or put into a page's script. */
function jsonText(text: string): void {
  expect(() => JSON.parse(text)).not.toThrow();
  safeToShow(text);
  expect(text.match(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/)?.[0]).toBeUndefined();
}

/** GitHub shows texts of rules as Markdown. */
function sarifText(text: string): void {
  jsonText(text);
  const { runs } = JSON.parse(text) as {
    runs: { tool: { driver: { rules: { help: { markdown: string } }[] } } }[];
  };
  for (const { help } of runs.flatMap(({ tool }) => tool.driver.rules)) {
    expect(
      help.markdown.replaceAll(/\\./g, '').match(/<(?:script|img)|\]\(javascript:/)?.[0],
    ).toBeUndefined();
  }
}

function xmlText(text: string): void {
  safeToShow(text);
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(text).close();
  expect(text.match(/[\x00-\x08\x0b\x0c\x0e-\x1f]|<script|<img/)?.[0]).toBeUndefined();
}

/** CI servers take the numbers from the suite or count the cases: both must say the same, and a suite must not be empty. */
function junitText(text: string): void {
  xmlText(text);
  const suites: Record<string, string>[] = [];
  const counts = { testcase: 0, failure: 0, error: 0, skipped: 0 };
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'testsuite') suites.push(attributes);
    if (name in counts) counts[name as keyof typeof counts] += 1;
    if (name === 'testcase') expect(attributes['classname'] && attributes['name']).toBeTruthy();
  });
  parser.write(text).close();
  const sum = (name: string) => suites.reduce((all, suite) => all + Number(suite[name]), 0);
  expect(suites.length).toBeGreaterThan(0);
  expect(counts.testcase).toBeGreaterThan(0);
  expect(counts).toEqual({
    testcase: sum('tests'),
    failure: sum('failures'),
    error: sum('errors'),
    skipped: sum('skipped'),
  });
}

/** Our own script and style are there; nothing else is an element of theirs, an event or a link to run. */
function pageText(text: string): void {
  safeToShow(text);
  expect(
    text.match(/[\x00-\x08\x0b\x0c\x0e-\x1f]|<script[^>]*>alert|<img|javascript:alert\(1\)">/)?.[0],
  ).toBeUndefined();
  const scripts = text.match(/<\/script/gi)?.length ?? 0;
  expect(text.match(/<script/gi)?.length ?? 0).toBe(scripts);
  const markup = text.replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
  expect(markup.match(/href="(?!https?:|#)[^"]/)?.[0]).toBeUndefined();
  expect(markup.replaceAll(/"[^"]*"/g, '').match(/<[^>]* on\w+=/)?.[0]).toBeUndefined();
}

const formatsOf = (command: OutputCommand) =>
  outputFormats.filter(({ commands }) => commands.some((name) => name === command)).map(({ name }) => name);

const target = { image: hostileImage, sbom: `sbom:${hostileSbom}` };

/** One run writes every format when the first is asked for; a template is of a run of its own. */
function commandReports(
  command: 'scan' | 'verify' | 'inventory',
  of: keyof typeof target,
  ...args: string[]
) {
  const run = (...outputs: string[]) => {
    const words = outputs.flatMap((output) => ['-o', output]);
    expect(scapfeed([command, target[of], ...args, ...words]).err).not.toContain('INTERNAL');
  };
  const made = temporaryFolder();
  const all = formatsOf(command).filter((format) => format !== 'template');
  let written = false;
  return (format: string, template?: string) => {
    const file = join(made, format);
    if (template !== undefined) run(`template=${template}=${file}`);
    else if (!written) run(...all.map((name) => `${name}=${join(made, name)}`));
    written ||= template === undefined;
    return readFileSync(file, 'utf8');
  };
}

/** A flaw that the user accepts, with a hostile reason. */
const policy = join(folder, 'scapfeed.yaml');
const reason = JSON.stringify(hostile.replaceAll(/[\n\x1b\u202e]/g, ' '));
writeFileSync(
  policy,
  `ignore:\n  - vulnerability: CVE-2024-1000\n    reason: ${reason}\nverify:\n  allow:\n    - path: /usr/bin/*\n      reason: ${reason}\n`,
);

/** Every text of a result is hostile, but for the words that the code itself chooses and the HTML that it has made safe. */
function hostileTexts<T>(value: T): T {
  const own =
    /^(?:result|severity|role|class|code|status|negated|applies|system|version|schemaVersion|time|timestamp|sha256|digest|description|rationale|warnings)$/;
  const change = (each: unknown, key: string): unknown => {
    if (typeof each === 'string') return own.test(key) ? each : hostile;
    if (Array.isArray(each)) return each.map((item) => change(item, key));
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, item]) => [name, change(item, name)]));
  };
  return change(value, '') as T;
}

const compliance = hostileTexts({
  ...fullResult(),
  rules: fullResult().rules.map((rule, at) =>
    at === 0 ? { ...rule, waived: { by: 'policy' as const, reason: 'x', where: 'x' } } : rule,
  ),
});

const evaluation = hostileTexts<OvalEvaluation>({
  tool: { name: 'scapfeed', version: '1' },
  image: { reference: 'dir:/x' },
  content: {
    name: 'x.xml',
    sha256: '0'.repeat(64),
    documents: [{ component: 'x', product: 'x', schemaVersion: '5.11', platforms: ['x'] }],
  },
  time: '2026-01-01T00:00:00.000Z',
  packages: 3,
  applies: 'yes',
  reason: 'x',
  inventory: [{ id: 'x', title: 'x', result: 'true' }],
  counts: { vulnerability: { true: 1, error: 1 } },
  unfinished: 'x',
  notes: [{ code: 'x', where: 'x', detail: 'x' }],
  definitions: (['true', 'error'] as const).map((result) => ({
    id: 'x',
    version: '1',
    class: 'vulnerability',
    title: 'x',
    description: 'x',
    result,
    severity: 'high',
    advisory: 'x',
    message: 'x',
    vulnerabilities: ['x'],
    references: [{ source: 'x', id: 'x', url: 'javascript:alert(1)' }],
    evidence: [
      {
        test: 'x',
        comment: 'x',
        result: 'true',
        expected: ['x'],
        searched: ['x'],
        found: [{ place: 'x', line: 1, value: 'x' }],
        count: 1,
      },
    ],
  })),
});

const joined = (text: string | Iterable<string>) => (typeof text === 'string' ? text : [...text].join(''));

/** OVAL results and ARF hold what the evaluation read: test/report/comply.oracle.test.ts validates them. */
const ofCompliance: Readonly<Record<string, () => string | Iterable<string>>> = {
  table: () => complianceTable(compliance, { color: false, all: true }),
  json: () => wholeJson(compliance),
  xccdf: () => xccdfResult(compliance),
  sarif: () => sarifLog(complianceSubject({ result: compliance })),
  junit: () => junitReport(complianceSuite({ result: compliance })),
  html: () => htmlReport(compliance),
  arf: () => arfReport(compliance, []),
};
const ofEvaluation: Readonly<Record<string, () => string | Iterable<string>>> = {
  table: () => evaluationTable(evaluation, { color: false }),
  json: () => wholeJson(evaluation),
  sarif: () => sarifLog(evaluationSubject({ evaluation })),
  junit: () => junitReport(evaluationSuite({ evaluation })),
  html: () => evaluationHtml(evaluation),
};

describe('a document that is safe to show', () => {
  const text = 'a\u202eb\u009b2Jc\u200fd\u2028##vso[x]##[y]##TeamCity[z]\n::error::e';

  it('JSON keeps its values', () => {
    for (const format of [
      'json',
      'sarif',
      'gitlab',
      'cyclonedx',
      'spdx',
      'openvex',
      'csaf',
      'copa',
      'generic-findings',
    ]) {
      const shown = safeDocument(format, JSON.stringify({ text, [text]: 1 }, undefined, 2)) as string;
      expect(JSON.parse(shown)).toEqual({ text, [text]: 1 });
      jsonText(shown);
    }
  });

  it('so does XML of results; in JUnit and Atom characters are named', () => {
    const document = `<a b="${escapeXml(text)}">${escapeXmlLines(text)}</a>`;
    const read = (shown: string) => create(shown).root().node.textContent;
    for (const format of ['xccdf', 'oval', 'arf', 'junit', 'atom']) {
      const shown = safeDocument(format, document) as string;
      safeToShow(shown);
      expect(read(shown)).toBe(
        format === 'junit' || format === 'atom'
          ? text.replace('\u202e', 'U+202E').replace('\u009b', 'U+009B')
          : text,
      );
    }
  });

  it('what has none of it is the same, in any language and with lines of its own', () => {
    const usual = JSON.stringify({ é: 'Müller \u05e9 \u{1f431} a::b C# ## x' }, undefined, 2);
    for (const format of ['json', 'arf', 'junit', 'html', 'table'])
      expect(safeDocument(format, usual)).toBe(usual);
  });

  it('has every format that is JSON or XML', () => {
    const others = ['table', 'github', 'markdown', 'csv', 'template', 'html'];
    for (const { name } of outputFormats) {
      const isSafe = (safeDocument(name, '##vso[x]') as string) !== '##vso[x]';
      expect({ name, isSafe }).toEqual({ name, isSafe: !others.includes(name) });
    }
  });
});

describe('hostile texts in every format', () => {
  const byFeed = ['--feed', hostileFeed, '--max-age', '0', '--all', '--show-ignored', '--policy', policy];
  const targets = ['image', 'sbom'] as const;

  describe.each(targets)('scan of an %s', (of) => {
    const report = commandReports('scan', of, ...byFeed);
    it.each(formatsOf('scan').filter((format) => format !== 'template'))('-o %s', (format) => {
      judges[format]!(report(format));
    });
  });

  it.each([
    ['slack.json', jsonText],
    ['table.html', pageText],
    ['summary.txt', () => {}],
  ] as const)('scan -o template=%s.mustache', (name, judge) => {
    const report = commandReports('scan', 'image', ...byFeed);
    judge(report('template', join(project, 'examples/templates', `${name}.mustache`)));
  });

  describe.each([['--policy', policy], ['--no-policy']])('verify %s', (...args) => {
    const report = commandReports('verify', 'image', '--allow-uncovered', ...args);
    it.each(formatsOf('verify'))('-o %s', (format) => judges[format]!(report(format)));
  });

  describe.each(targets)('inventory of an %s', (of) => {
    const report = commandReports('inventory', of);
    it.each(formatsOf('inventory'))('-o %s', (format) => judges[format]!(report(format)));
  });

  it('inventory -o manifest keeps its fields', () => {
    const lines = commandReports('inventory', 'image')('manifest').trimEnd().split('\n');
    expect(lines.at(-1)).toContain('\t_#vso[task.x]y\t');
    expect(new Set(lines.slice(1).map((line) => line.split('\t').length))).toEqual(new Set([9]));
  });

  describe('of content', () => {
    const text = '##vso[x]&#xa;::error::y&#x202e;';
    const content = join(folder, 'hostile.xml');
    writeFileSync(
      content,
      benchmark(
        `<Profile id="xccdf_x_profile_p"><title>${text}</title></Profile>${rule('r', `<description>${text}</description><fix system="urn:xccdf:fix:script:sh">echo '##vso[x]'&#xa;::error::y</fix>`, 'selected="true"').replace('Rule r', text)}`,
      ),
    );
    writeFileSync(join(folder, 'oval.xml'), lineCheck('/etc/x', 'x'));
    const shown = (...args: string[]) => {
      const run = scapfeed(args);
      expect({ code: run.code, err: run.err.includes('INTERNAL') }).toEqual({ code: 0, err: false });
      return run.out;
    };

    it.each([
      ['guide', content, '--profile', 'p'],
      ['tailor', '--page', content],
    ])('%s writes a page', (...args) => {
      pageText(shown(...args));
    });

    it.each(['tailor', 'compile'])('%s --list writes lines', (command) => {
      tame(
        shown(command, ...(command === 'tailor' ? ['--content', content] : [content]), '--list').replaceAll(
          '\t',
          ' ',
        ),
      );
    });

    it('a script has its titles escaped, and its fixes byte for byte', () => {
      const script = shown('fix', '--content', content, '--profile', 'p');
      expect(script).toContain('\n# \\u0023#vso[x] ::error::y\\u202e\n');
      expect(script).toContain("\n(\necho '##vso[x]'\n::error::y\n)\n");
    });
  });

  it.each(formatsOf('comply').filter((format) => format !== 'oval'))('comply -o %s', (format) => {
    judges[format]!(joined(safeDocument(format, ofCompliance[format]!())));
  });

  it.each(formatsOf('eval').filter((format) => format !== 'oval'))('eval -o %s', (format) => {
    judges[format]!(joined(safeDocument(format, ofEvaluation[format]!())));
  });
});
