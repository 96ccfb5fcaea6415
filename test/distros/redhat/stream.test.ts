import { describe, expect, it } from 'vitest';
import { majorsOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { streamOf } from '../../../src/distros/redhat/stream.ts';

const majors = majorsOf(redHatDefinition);

describe('streamOf: the CPE decides, the id tells the minor of main', () => {
  it.each([
    ['red_hat_enterprise_linux_8', 'o:redhat:enterprise_linux:8', 'rhel-8'],
    ['BaseOS-9.4.0.Z.MAIN.EUS', 'o:redhat:enterprise_linux:9::baseos', 'rhel-9 4'],
    ['CRB-9.5.0.GA', 'a:redhat:enterprise_linux:9::crb', 'rhel-9 5'],
    ['AppStream-8.10.0.Z.MAIN.EUS', 'a:redhat:enterprise_linux:8::appstream', 'rhel-8 10'],
    ['AppStream-9.2.0.Z.EUS', 'a:redhat:rhel_eus:9.2::appstream', 'rhel-9 2 eus'],
    ['AppStream-8.4.0.Z.TUS', 'a:redhat:rhel_tus:8.4::appstream', 'rhel-8 4 tus'],
    ['7Server-ELS', 'o:redhat:rhel_els:7', 'rhel-7 - els'],
    ['7Server-optional-7.9.Z', 'o:redhat:enterprise_linux:7::server', 'rhel-7 9'],
    ['7Server-7.6.AUS', 'o:redhat:rhel_aus:7.6::server', 'rhel-7 6 aus'],
    ['RHEL-10', 'o:redhat:enterprise_linux:10.0', 'rhel-10 0'],
    ['rhel-10.2.z.eus', 'o:redhat:enterprise_linux_eus:10.2', 'rhel-10 2 eus'],
    ['rhel-8', 'a:redhat:enterprise_linux:8', 'rhel-8'],
    ['rhel-br-9.4.0::crb', 'a:redhat:enterprise_linux:9::crb', 'rhel-9 4'],
    ['rhel-7.7.z.els', 'o:redhat:rhel_els:7', 'rhel-7 - els'],
    ['rhel-8.4.0.z.eus::appstream', 'a:redhat:rhel_eus_long_life:8.4::appstream', 'rhel-8 4 eus-long-life'],
    [
      '8Base-RHOSE-4.13',
      'a:redhat:openshift:4.13::el8',
      'rhel-layered-openshift - cpe:/a:redhat:openshift:4.13::el8',
    ],
    ['jbosseapxp', 'a:redhat:jbosseapxp', 'rhel-layered-jbosseapxp - cpe:/a:redhat:jbosseapxp'],
    [
      'red_hat_virtualization_4',
      'a:redhat:enterprise_linux:8::hypervisor',
      'rhel-layered-enterprise-linux-hypervisor - cpe:/a:redhat:enterprise_linux:8',
    ],
  ])('%s', (id, cpe, expected) => {
    const stream = streamOf(id, `cpe:/${cpe}`, majors);
    if ('reason' in stream) throw new Error(stream.reason);
    const { platform, minor, channel } = stream;
    const text = [platform, minor ?? (channel ? '-' : undefined), channel].filter(
      (part) => part !== undefined,
    );
    expect(text.join(' ')).toBe(expected);
  });

  it.each([
    ['no CPE', undefined, 'platform_without_cpe'],
    ['no CPE of form 2.2', 'redhat', 'malformed_cpe'],
    ['somebody else', 'cpe:/o:centos:centos:7', 'foreign_cpe_vendor'],
    ['RHEL without version', 'cpe:/o:redhat:enterprise_linux', 'platform_without_version'],
    ['RHEL 5', 'cpe:/o:redhat:enterprise_linux:5', 'rhel_5_not_compiled'],
  ])('%s', (_, cpe, reason) => {
    expect(streamOf('x', cpe, majors)).toEqual({ reason });
  });
});
