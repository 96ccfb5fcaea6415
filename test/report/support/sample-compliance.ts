import type { ComplianceResult, ComplianceRule } from '../../../src/model/compliance/index.ts';

/** A result of three rules: one failed, one passed, one that does not apply. */
export function sampleResult(): ComplianceResult {
  return {
    tool: { name: 'scapfeed', version: '0.0.0' },
    image: { reference: 'oci:image' },
    content: { name: 'content.xml', sha256: '0'.repeat(64) },
    benchmark: { id: 'xccdf_x_benchmark_b', version: '1', title: 'Benchmark' },
    profile: { id: 'xccdf_x_profile_p', title: 'Profile' },
    time: '2026-01-01T00:00:00.000Z',
    applicable: true,
    platforms: [],
    scores: [{ system: 'urn:xccdf:scoring:default', score: 50, maximum: 100 }],
    counts: { fail: 1, pass: 1, notapplicable: 1 },
    values: [],
    rules: [
      {
        ...sampleRule('root_login', 'No root login', 'fail', 'high'),
        fixes: [{ system: 'urn:xccdf:fix:script:sh', text: 'sed -i s/yes/no/ /etc/ssh/sshd_config' }],
        evidence: [
          {
            test: 'oval:x:tst:1',
            comment: 'the line',
            result: 'true',
            negated: true,
            expected: ['something is found'],
            found: [{ place: '/etc/ssh/sshd_config', line: 4, value: 'text: PermitRootLogin yes' }],
            count: 1,
          },
        ],
      },
      sampleRule('shadow_mode', 'Mode of shadow', 'pass', 'medium'),
      sampleRule('kernel', 'Kernel parameters', 'notapplicable', 'low'),
    ],
  };
}

/** One rule of each result and of each severity, with every part that a page can show, some of it very long. */
export function fullResult(): ComplianceResult {
  const results = [
    'fail',
    'error',
    'unknown',
    'notchecked',
    'pass',
    'fixed',
    'informational',
    'notapplicable',
  ];
  const severities = ['high', 'medium', 'low', 'info', 'unknown'];
  const long = 'x'.repeat(200);
  const rules = results.map((result, at): ComplianceRule => {
    const severity = severities[at % severities.length] as string;
    return {
      ...sampleRule(`of_${result}`, `A rule that is ${result} ${at === 0 ? long : ''}`, result, severity),
      message: `why it is ${result}`,
      description: `<p>Described: <code>${long}</code></p><pre>a block</pre>`,
      rationale: 'because of a <a href="https://example.org/why">reason</a>',
      warnings: ['take care'],
      idents: [{ system: 'cce', text: `CCE-${at}` }],
      ...(at < 4 ? { groups: ['System', at < 2 ? 'Access' : 'Files'] } : {}),
      references: [
        { href: 'https://example.org/ref', text: `REF-${at}` },
        { text: long },
        ...(at % 2 === 0 ? [{ href: 'https://cyber.gouv.fr/linux.pdf', text: `R${40 - at}` }] : []),
      ],
      fixes: [{ system: 'urn:xccdf:fix:script:sh', text: `echo ${result} ${long}` }],
      evidence: (['true', 'false', 'unknown'] as const).map((each) => ({
        test: `oval:x:tst:${at}`,
        comment: `test of ${result} is ${each}`,
        result: each,
        expected: ['something is found', `text equals "${long}"`],
        found: each === 'unknown' ? [] : [{ place: `/etc/${result}`, line: 4, value: 'text: a=b' }],
        count: each === 'unknown' ? 0 : 7,
        ...(each === 'unknown'
          ? { message: 'nothing tells', searched: ['filepath equals "/etc/none"'] }
          : {}),
      })),
    };
  });
  const counts = Object.fromEntries(results.map((result) => [result, 1]));
  const image = { reference: `registry.example.org/${long}`, digest: `sha256:${'a'.repeat(64)}` };
  const notes = [{ code: 'hardlink_without_target', where: 'layer 2', detail: `/opt/${long}` }];
  return { ...sampleResult(), image, notes, rules, counts };
}

function sampleRule(name: string, title: string, result: string, severity: string): ComplianceRule {
  return {
    id: `xccdf_x_rule_${name}`,
    title,
    result,
    severity,
    weight: 1,
    role: 'full',
    idents: [],
    references: [],
    warnings: [],
    fixes: [],
    evidence: [],
  };
}
