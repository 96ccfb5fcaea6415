import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MemoryLayer } from '../../support/memory-view.ts';

const etc = '/etc/systemd/system';
const usr = '/usr/lib/systemd/system';
const service = '[Service]\nExecStart=/bin/true\n';
const startedBy = (target: string, more = '') => `${service}[Install]\nWantedBy=${target}\n${more}`;

/** Units with every trap of their search that we know. Links are relative, so that the folder may lie anywhere. */
export const unitFiles: MemoryLayer = {
  '/usr/lib/systemd/systemd': 'the manager itself',
  // systemd starts nothing without these.
  [`${usr}/sysinit.target`]: '[Unit]\nDescription=x\n',
  [`${usr}/shutdown.target`]: '[Unit]\nDescription=x\n',
  [`${usr}/basic.target`]: '[Unit]\nWants=early.service\n',
  [`${usr}/early.service`]: service,
  // A comment may stand between continued lines.
  [`${usr}/multi-user.target`]:
    '[Unit]\nRequires=basic.target\nWants=stated.service \\\n# between\n  continued.service\n',
  [`${usr}/stated.service`]: service,
  [`${usr}/continued.service`]: service,
  // Folders of an alias, of a type and of a name's beginning count as the unit's own.
  [`${usr}/runlevel3.target`]: { link: 'multi-user.target' },
  [`${usr}/runlevel3.target.wants/by-alias.service`]: { link: '../by-alias.service' },
  [`${usr}/by-alias.service`]: service,
  [`${usr}/multi-.target.wants/by-prefix.service`]: { link: '../by-prefix.service' },
  [`${usr}/by-prefix.service`]: service,
  [`${etc}/multi-user.target.d/more.conf`]:
    '[Unit]\nWants=dropped-in.service masked.service empty.service off.service\n',
  [`${usr}/multi-user.target.d/more.conf`]: '[Unit]\nWants=hidden-drop-in.service\n',
  [`${usr}/dropped-in.service`]: service,
  [`${usr}/hidden-drop-in.service`]: service,
  // The administrator takes back what the vendor starts.
  [`${usr}/multi-user.target.wants/taken-back.service`]: { link: '../taken-back.service' },
  [`${etc}/multi-user.target.wants/taken-back.service`]: { link: '/dev/null' },
  [`${usr}/taken-back.service`]: service,
  // Enabled, by its other name, and by a link to a file that is gone.
  [`${usr}/ssh.service`]: startedBy('multi-user.target', 'Alias=sshd.service\n'),
  [`${etc}/sshd.service`]: { link: '../../../usr/lib/systemd/system/ssh.service' },
  [`${etc}/multi-user.target.wants/ssh.service`]: { link: '../../../../usr/lib/systemd/system/ssh.service' },
  [`${usr}/rsyslog.service`]: startedBy('multi-user.target', 'Alias=syslog.service\n'),
  [`${etc}/syslog.service`]: { link: '../../../usr/lib/systemd/system/rsyslog.service' },
  [`${etc}/multi-user.target.wants/syslog.service`]: {
    link: '../../../../usr/lib/systemd/system/rsyslog.service',
  },
  [`${etc}/multi-user.target.wants/gone.service`]: {
    link: '../../../../usr/lib/systemd/system/gone.service',
  },
  [`${usr}/required.service`]: `${service}[Install]\nRequiredBy=multi-user.target\n`,
  [`${etc}/multi-user.target.requires/required.service`]: {
    link: '../../../../usr/lib/systemd/system/required.service',
  },
  // Not enabled.
  [`${usr}/off.service`]: startedBy('multi-user.target'),
  [`${usr}/taken-out.service`]: startedBy('multi-user.target'),
  [`${etc}/taken-out.service.d/none.conf`]: '[Install]\nWantedBy=\n',
  [`${usr}/also.service`]: `${service}[Install]\nAlso=off.service\n`,
  [`${usr}/other-name.service`]: service,
  [`${etc}/another.service`]: { link: '../../../usr/lib/systemd/system/other-name.service' },
  [`${etc}/mine.service`]: startedBy('multi-user.target'),
  [`${etc}/linked.service`]: { link: '../../../opt/linked.service' },
  '/opt/linked.service': service,
  // Masked: by a link, by a link to one, by an empty file; the vendor's file is hidden.
  [`${etc}/masked.service`]: { link: '/dev/null' },
  [`${usr}/masked.service`]: startedBy('multi-user.target'),
  [`${etc}/empty.service`]: '',
  [`${etc}/masked.socket`]: { link: '/dev/null' },
  // Templates: an instance that is wanted, an alias of a template, a drop-in of all instances.
  [`${usr}/getty@.service`]: `${service}[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n`,
  [`${usr}/autovt@.service`]: { link: 'getty@.service' },
  [`${usr}/getty.target`]: '[Unit]\nDescription=x\n',
  [`${etc}/getty.target.wants/getty@tty1.service`]: {
    link: '../../../../usr/lib/systemd/system/getty@.service',
  },
  [`${usr}/multi-user.target.wants/getty.target`]: { link: '../getty.target' },
  // Targets that want each other end.
  [`${usr}/round.target`]: '[Unit]\nWants=about.target\n',
  [`${usr}/about.target`]: '[Unit]\nWants=round.target\n',
};

/** Writes the units below a folder. */
export function writeUnitFiles(root: string): void {
  for (const [path, entry] of Object.entries(unitFiles)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    rmSync(join(root, path), { force: true });
    if (typeof entry === 'string') writeFileSync(join(root, path), entry);
    else symlinkSync((entry as { link: string }).link, join(root, path));
  }
}

/** Names that the units are known by. */
export function unitFileNames(): Set<string> {
  const paths = [...Object.keys(unitFiles)].filter((path) => /\.(?:service|socket|target)$/.test(path));
  return new Set(paths.map((path) => path.slice(path.lastIndexOf('/') + 1)));
}
