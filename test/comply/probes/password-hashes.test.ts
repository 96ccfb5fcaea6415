import { describe, expect, it } from 'vitest';
import { makeItem } from '../../../src/comply/oval/items.ts';
import { hidesHashes } from '../../../src/comply/probes/password-hashes.ts';

const hides = hidesHashes(['text'], ['subexpression']);
/** `/srv/link` is a link to the database. */
const files = { real: (path: string) => (path === '/srv/link' ? '/etc/shadow' : path) };
const isHidden = (filepath: string, text: string) => {
  const item = makeItem('independent/textfilecontent54', { filepath, text, subexpression: text.slice(3) });
  expect(hides(item, 'filepath', files)).toBe(false);
  expect(hides(item, 'subexpression', files)).toBe(hides(item, 'text', files));
  return hides(item, 'text', files);
};

describe('hidesHashes', () => {
  it.each([
    ['MD5', '$1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/'],
    ['bcrypt', '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW'],
    [
      'SHA-512',
      '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/',
    ],
    ['SHA-256 with rounds', '$5$rounds=80000$wnsT7Yr92oJoP28r$cKhJImk5mfuSKV9b3mumNzlbstFUplKtQXXMo4G6Ep5'],
    ['yescrypt', '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7'],
    ['scrypt', '$7$CU..../....2Q9obwLhin8qvQl6sisAO/$sIpmZwSd7pmyVhJ.rbvAn0nmtxjNOWOe5aEQdLwOdL7'],
    ['Apache', 'admin:$apr1$Zjb2yPzD$tVmBcBqN9T1ZPHDE0bcEp1'],
    ['Argon2', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzYWx0$RdescudvJCsgt3ub+b4dWRWJTmaaJObG'],
    ['LDAP', 'userPassword: {SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g5mqZ0'],
    ['GRUB', 'GRUB2_PASSWORD=grub.pbkdf2.sha512.10000.0A1B2C.99AABB'],
  ])('%s, in any file', (_, text) => {
    expect(isHidden('/srv/x', `x ${text}`)).toBe(true);
  });

  it.each([
    ['/etc/profile', 'PATH=$1/some/long/path/of/a/script'],
    ['/etc/cron.daily/x', 'cp "$d$file" /var/backups/some/where/else'],
    ['/etc/login.defs', 'ENCRYPT_METHOD SHA512'],
    ['/etc/pam.d/x', 'password [success=1] pam_unix.so obscure yescrypt'],
    ['/etc/passwd', 'root:x:0:0:root:/root:/bin/bash'],
    ['/etc/passwd', 'daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin'],
  ])('nothing in %s: %s', (file, text) => {
    expect(isHidden(file, text)).toBe(false);
  });

  it.each([
    ['/etc/shadow', 'root:*:20000:'],
    ['/etc/gshadow-', 'wheel:::'],
    ['/var/backups/shadow.bak', 'x'],
    ['/var/backups/shadow.bak.1', 'x'],
    ['/etc/shadow.rpmsave', 'x'],
    ['/srv/link', 'ann:aaSECRETdes13:20000:'],
    ['/etc/security/opasswd', 'ann:1000:1:x'],
    ['/etc/passwd', 'ann:aaSECRETdes13:1000:1000::/home/ann:/bin/sh'],
  ])('what is in %s: %s', (file, text) => {
    expect(isHidden(file, text)).toBe(true);
  });
});
