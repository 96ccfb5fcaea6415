import { describe, expect, it } from 'vitest';
import { readTrackerStatus } from '../../../src/distros/ubuntu/tracker-status.ts';

describe('a status of the tracker', () => {
  it.each([
    // [value, what it says]; the ids are of the files of June 2020 that have it.
    ['DNE', 'not_affected (component_not_present)'],
    ['DNE (trusty was released [1.9.1-1ubuntu0.1])', 'not_affected (component_not_present)'],
    ['needs-triage', 'affected none_yet (unconfirmed)'],
    ['needs-triage (reached end-of-life)', 'affected end_of_life (release)'],
    ['needed', 'affected none_yet'],
    ['needed (reached end-of-life)', 'affected end_of_life (release)'],
    ['active', 'affected none_yet'],
    ['in-progress', 'affected none_yet'],
    ['pending (4.15.0-105.106)', 'affected none_yet (pending 4.15.0-105.106)'],
    ['pending (5.4.1, 5.5)', 'affected none_yet (pending)'],
    ['pending', 'affected none_yet (pending)'],
    ['deferred', 'affected fix_deferred'],
    ['deferred (2019-07-29)', 'affected fix_deferred'],
    ['deferred [2019-05-01]', 'affected fix_deferred'],
    ['ignored', 'affected will_not_fix'],
    ['ignored (will not fix)', 'affected will_not_fix'],
    ['ignored (upstream disputes CVE)', 'affected will_not_fix'],
    ['ignored (bug, not a security problem)', 'affected will_not_fix'],
    ['ignored (reached end-of-life)', 'affected end_of_life (release)'],
    ['ignored (end of standard support, was needed)', 'affected end_of_life (release)'],
    ['ignored (out of standard support)', 'affected end_of_life (release)'],
    ['ignored (was needs-triage now end-of-life)', 'affected end_of_life (release)'],
    ['ignored (was pending [4.4.0-1.2] now end-of-life)', 'affected end_of_life (release)'],
    ['ignored (was needed ESM criteria)', 'affected end_of_life (package)'],
    ['ignored (abandoned)', 'affected end_of_life (package)'],
    ['ignored (superseded by linux-riscv-5.15)', 'affected end_of_life (package)'],
    ['ignored (libv8 not supported)', 'affected end_of_life (package)'],
    ['ignored (code-not-compiled)', 'affected will_not_fix (vulnerable_code_not_present)'],
    [
      'ignored (was not-affected (RHEL-5 specific issue) ESM criteria)',
      'not_affected (vulnerable_code_not_present)',
    ],
    ['ignored (was released [4.4.0-21.37] now end-of-life)', 'fixed 4.4.0-21.37'],
    ['not-affected', 'not_affected (vulnerable_code_not_present)'],
    ['not-affected (2.31.1-0.4ubuntu3.3)', 'not_affected (vulnerable_code_not_present)'],
    ['not-affected (code not present)', 'not_affected (vulnerable_code_not_present)'],
    ['not-affected [uses system pcre]', 'not_affected (vulnerable_code_not_present)'],
    ['released (1:2.1.4-2)', 'fixed 1:2.1.4-2'],
    ['released [1.16.33-3.1ubuntu6]', 'fixed 1.16.33-3.1ubuntu6'],
    // CVE-2019-13722, CVE-2018-0489, CVE-2020-11501: brackets that do not pair.
    ['released (1:68.4.1+build1-0ubuntu0.18.04.1', 'fixed 1:68.4.1+build1-0ubuntu0.18.04.1'],
    ['released ((1.5.6-2ubuntu0.2)', 'fixed 1.5.6-2ubuntu0.2'],
    ['not-affected 3.5.18-1ubuntu1.3)', 'not_affected (vulnerable_code_not_present)'],
  ])('%s', (value, expected) => {
    const { saying } = readTrackerStatus(value);
    const { status, fixed, fixState, reason } = saying ?? {};
    expect([status, fixed, fixState, reason && `(${reason})`].filter(Boolean).join(' ')).toBe(expected);
  });

  it.each([
    ['released', 'release_without_version'],
    ['released (5.7 only)', 'absurd_version'],
    ['released (1.0-1, 1.1-1)', 'absurd_version'],
    ['retired (1.0)', 'unknown_status'],
    ['', 'unknown_status'],
  ])('%j says nothing that can be used: %s', (value, drop) => {
    expect(readTrackerStatus(value)).toEqual({ drop });
  });

  it.each([
    ['needed (released ruby-rack 1.4.5-2+deb7u1)', 'free_text'],
    ['ignored (pdf support disabled in 8:6.9.7.4+dfsg-16ubuntu6.8)', 'free_text'],
    ['deferred (no security impact, crash in CLI tool)', 'free_text'],
    ['released (1:68.4.1+build1-0ubuntu0.18.04.1', 'malformed_status'],
  ])('%s is used, and told: %s', (value, doubt) => {
    expect(readTrackerStatus(value)).toMatchObject({ doubt });
  });

  it('released-esm is a fix of ESM on the row of the base', () => {
    expect(readTrackerStatus('released-esm (2.0-1ubuntu0.1+esm1)')).toEqual({
      saying: { status: 'fixed', fixed: '2.0-1ubuntu0.1+esm1' },
      esm: true,
    });
  });
});
