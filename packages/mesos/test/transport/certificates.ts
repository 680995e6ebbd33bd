import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Certificates of a CA of their own. */
export interface Certificates {
  readonly ca: string;
  /** For 127.0.0.1. */
  readonly master: Certificate;
  /** For the name leader.mesos alone. */
  readonly named: Certificate;
  readonly framework: Certificate;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** Made by openssl. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'mesos-tls-'));
  const at = (name: string) => join(directory, name);
  const read = (name: string) => ({
    cert: readFileSync(at(`${name}.pem`), 'utf8'),
    key: readFileSync(at(`${name}.key`), 'utf8'),
  });
  const make = (name: string, ...more: readonly string[]) => {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
    execFileSync('openssl', ['req', '-x509', ...EC, '-subj', `/CN=${name}`, ...more, ...files], {
      stdio: 'ignore',
    });
    return read(name);
  };
  try {
    const { cert: ca } = make('ca');
    const signed = [
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ];
    return {
      ca,
      master: make('master', ...signed, '-addext', 'subjectAltName=IP:127.0.0.1'),
      named: make('leader.mesos', ...signed, '-addext', 'subjectAltName=DNS:leader.mesos'),
      framework: make('framework', ...signed),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
