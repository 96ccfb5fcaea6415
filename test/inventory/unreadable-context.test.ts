import { describe, expect, it } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import { ScapfeedError } from '../../src/model/error.ts';
import type { FileView } from '../../src/model/inventory/index.ts';
import { memoryView } from '../support/memory-view.ts';

/** A root file system of which the user may not read one folder. */
function without(folder: string, files: Record<string, string>): FileView {
  const view = memoryView(files);
  const refuse = (path: string) => {
    if (!path.startsWith(folder)) return;
    throw new ScapfeedError({ code: 'IMAGE_UNREADABLE', message: 'found EACCES', where: path });
  };
  return new Proxy(view, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (path: string, ...rest: unknown[]) => {
        refuse(path);
        return Reflect.apply(member, target, [path, ...rest]);
      };
    },
  });
}

describe('a scan of this machine by a user who may not read all of it', () => {
  it("root's folder is none of Debian's business: no note", () => {
    const view = without('/root', { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n' });
    expect(readInventory(view)).toMatchObject({ os: { id: 'debian' }, notes: [] });
  });

  it('on RHEL, what the build information says of products is not known, which is no clean image', () => {
    const view = without('/root', { '/etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\n' });
    expect(readInventory(view).notes).toMatchObject([{ code: 'unread_context' }]);
  });

  it("on Ubuntu, the token that is root's alone does not hide the status of Pro", () => {
    const view = without('/var/lib/ubuntu-advantage/private', {
      '/etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\n',
      '/var/lib/ubuntu-advantage/status.json':
        '{"attached":true,"services":[{"name":"esm-infra","status":"enabled"}]}',
    });
    expect(readInventory(view)).toMatchObject({
      context: { ubuntu: { attached: true, services: ['esm-infra'] } },
      notes: [{ code: 'unreadable_file', where: '/var/lib/ubuntu-advantage/private/machine-token.json' }],
    });
  });
});
