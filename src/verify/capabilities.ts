import { pushTo } from '../model/order.ts';

/** Names by bit: linux/capability.h. */
const names = [
  ...['chown', 'dac_override', 'dac_read_search', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap'],
  ...[
    'linux_immutable',
    'net_bind_service',
    'net_broadcast',
    'net_admin',
    'net_raw',
    'ipc_lock',
    'ipc_owner',
  ],
  ...[
    'sys_module',
    'sys_rawio',
    'sys_chroot',
    'sys_ptrace',
    'sys_pacct',
    'sys_admin',
    'sys_boot',
    'sys_nice',
  ],
  ...['sys_resource', 'sys_time', 'sys_tty_config', 'mknod', 'lease', 'audit_write', 'audit_control'],
  ...['setfcap', 'mac_override', 'mac_admin', 'syslog', 'wake_alarm', 'block_suspend', 'audit_read'],
  ...['perfmon', 'bpf', 'checkpoint_restore'],
].map((name) => `cap_${name}`);

const effectiveBit = 1;
/** Bytes of struct vfs_cap_data in its second revision; the third has a user id in addition. */
const structBytes = 20;

/** Formats the value of security.capability as cap_to_text(3) does, sorted: `cap_net_admin,cap_net_raw=ep`. */
export function capabilityText(value: Buffer): string {
  if (value.length < structBytes) return `${value.length} bytes that are no capabilities`;
  const effective = (value.readUInt32LE(0) & effectiveBit) !== 0;
  const flags = new Map<string, string>();
  for (let bit = 0; bit < 64; bit++) {
    const word = 4 + 8 * (bit >> 5);
    const has = (at: number) => ((value.readUInt32LE(at) >>> (bit & 31)) & 1) === 1;
    const permitted = has(word);
    const inheritable = has(word + 4);
    if (!permitted && !inheritable) continue;
    const text = `${effective ? 'e' : ''}${inheritable ? 'i' : ''}${permitted ? 'p' : ''}`;
    flags.set(names[bit] ?? `cap_${bit}`, text);
  }
  return textOf(flags);
}

/** Converts what packagers write (cap_from_text(3)) to the same form: `= cap_net_raw+ep` -> `cap_net_raw=ep`. */
export function normalCapabilities(text: string): string {
  const flags = new Map<string, string>();
  for (const clause of text.toLowerCase().split(/\s+/)) {
    const [, list = '', actions = ''] = /^([a-z0-9_,]*)((?:[=+-][eip]*)*)$/.exec(clause) ?? [];
    for (const name of list === '' || list === 'all' ? names : list.split(',')) {
      flags.set(name, applied(flags.get(name) ?? '', actions));
    }
  }
  return textOf(flags);
}

function applied(flags: string, actions: string): string {
  let set = new Set(flags);
  for (const [, operator, letters = ''] of actions.matchAll(/([=+-])([eip]*)/g)) {
    if (operator === '=') set = new Set(letters);
    else for (const letter of letters) operator === '+' ? set.add(letter) : set.delete(letter);
  }
  return [...set].sort().join('');
}

function textOf(flags: ReadonlyMap<string, string>): string {
  const byFlags = new Map<string, string[]>();
  for (const [name, letters] of [...flags].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (letters !== '') pushTo(byFlags, letters, name);
  }
  return [...byFlags].map(([letters, list]) => `${list.join(',')}=${letters}`).join(' ');
}
