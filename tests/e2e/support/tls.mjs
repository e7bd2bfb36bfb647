// TLS for the tests: certificates made on the fly, and raw connections that speak it.
//
// With DOWNBEAT_TLS=FOLDER, every server of the tests speaks TLS with the certificate in that folder
// (scripts/make-certificate has made it), unless its options say something else. NODE_EXTRA_CA_CERTS must
// name the folder's authority.pem, so that stock clients trust it.
import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

const folder = process.env.DOWNBEAT_TLS;

/** Whether the servers of this run speak TLS. */
export const isTls = Boolean(folder);

/** The options with which a server uses the certificate in a folder. */
export function certificateOptions(at = folder) {
  return ['--tls-certificate', join(at, 'certificate.pem'), '--tls-key', join(at, 'key.pem')];
}

/** The same as variables of the environment. */
export function certificateVariables() {
  const [, certificate, , key] = certificateOptions();
  return { DOWNBEAT_TLS_CERTIFICATE: certificate, DOWNBEAT_TLS_KEY: key };
}

/** Makes a certificate for the loopback, with an authority of its own, in this folder. */
export function makeCertificate(at, ...names) {
  const script = fileURLToPath(new URL('../../../scripts/make-certificate', import.meta.url));
  execFileSync(script, [at, 'localhost', '127.0.0.1', '::1', ...names], { stdio: 'inherit' });
}

/**
 * A raw connection to a server, for what HTTP would write and read. `connected` is called when it can be
 * written to.
 */
export function dial({ port, scheme }, connected = () => {}) {
  const where = { port, host: '127.0.0.1', noDelay: true };
  return scheme === 'https' ? tls.connect(where, connected) : net.connect(where, connected);
}
