import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { Config } from '../config/schema.ts';
import type { MesosAccess } from '../containers/mesos/mesos-connection.ts';
import { StartError } from './start-error.ts';

function readNamed(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartError('MESOS_UNUSABLE', {
      message: `The file ${path} of ${setting} can't be read: ${(cause as Error).message}.`,
      mend: `Make it readable for this user, or name the right file: --set ${setting}=FILE`,
      cause,
    });
  }
}

function readSecret(path: string): string {
  const secret = readNamed('mesos.secretFile', path).trim();
  if (secret !== '') return secret;
  throw new StartError('MESOS_UNUSABLE', {
    message: `The file ${path} of mesos.secretFile is empty.`,
    mend: "Write the principal's secret into it, as the master's --credentials file has it.",
  });
}

/** A file without a certificate would be taken for one that trusts nobody, and every master for an impostor. */
function readCa(path: string): string {
  const pem = readNamed('mesos.caFile', path);
  try {
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    throw new StartError('MESOS_UNUSABLE', {
      message: `The file ${path} of mesos.caFile has no certificate: ${(cause as Error).message}.`,
      mend: 'Name a file with the certificate (PEM) of the CA that signed those of the masters: --set mesos.caFile=FILE',
      cause,
    });
  }
}

/** The settings of access, with the files that they name read. Throws {@link StartError}. */
export function mesosAccessOf({ mesos }: Config): MesosAccess {
  const { caFile, masterUrl: masters, principal, secretFile } = mesos;
  return {
    masters,
    ...(principal !== undefined &&
      secretFile !== undefined && {
        auth: { principal, secret: readSecret(secretFile) },
      }),
    ...(caFile !== undefined && { tls: { ca: readCa(caFile) } }),
  };
}
