/**
 * A certificate of its own for 127.0.0.1 and localhost, valid for a hundred years, and its key:
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/CN=scapfeed test'
 *   -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost'
 */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBozCCAUmgAwIBAgIURvuDrexJy1L6XOtQEmAyk3MpD1IwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNc2NhcGZlZWQgdGVzdDAgFw0yNjExMjQxNjQxMTlaGA8yMTI2
MTAzMTE2NDExOVowGDEWMBQGA1UEAwwNc2NhcGZlZWQgdGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABNhSW7hqz8zvhYbb/ccMvjlxkyUXPjNSwiSN5yvPWC9R
0TlQj18CviB2bVd/aCtx9q0M4fKANJOcaanCafSDjcSjbzBtMB0GA1UdDgQWBBSj
UEaTR/oitXqpdkGllgt0czWK2TAfBgNVHSMEGDAWgBSjUEaTR/oitXqpdkGllgt0
czWK2TAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9z
dDAKBggqhkjOPQQDAgNIADBFAiEArxR2rTACRGi54TIBcG4dl9KtWXCrCuwrE3iD
jw1jgo4CIGYCmDErpFKMY2UkjzP/AjSd4h4vlN8zR8j6t3oyCNFn
-----END CERTIFICATE-----
`;

export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAD1zyZIIOYGOI3uJ
uTvNgfg2T+hcDe9XjauEe1MI7uGhRANCAATYUlu4as/M74WG2/3HDL45cZMlFz4z
UsIkjecrz1gvUdE5UI9fAr4gdm1Xf2grcfatDOHygDSTnGmpwmn0g43E
-----END PRIVATE KEY-----
`;
