import { join } from 'node:path';

import { Value } from 'typebox/value';

import { askAdmin, type AdminReply } from '../administration/ask-admin.ts';
import { MESOS_PATH } from '../administration/mesos-route.ts';
import { mesosReportSchema, type MesosReport } from '../administration/mesos-report.ts';
import { sentence } from '../containers/mesos/error-words.ts';
import type { Refused } from './administer-data-directory.ts';
import { reachable, type ReachablePath } from './socket-path.ts';

function read({ status, text }: AdminReply): MesosReport | Refused {
  const value: unknown = JSON.parse(text);
  if (status === 200 && Value.Check(mesosReportSchema, value)) return value;
  const { error } = value as { error?: unknown };
  if (status === 404 && typeof error === 'string') {
    return {
      refused: error,
      mend: 'Stop it and start it with: vibrissa start --containers mesos --mesos-master http://HOST:5050',
    };
  }
  const said = typeof error === 'string' ? sentence(error) : `It answered with status ${status}.`;
  return {
    refused: `The platform can't tell how things stand with Mesos. ${said}`,
    mend: 'Its log says more; a platform of another version is asked by its own command line.',
  };
}

async function askOn(reach: ReachablePath): Promise<MesosReport | Refused | undefined> {
  try {
    const reply = await askAdmin(reach.path, { path: MESOS_PATH });
    return reply && read(reply);
  } finally {
    reach.close();
  }
}

/** What the platform that runs on a data directory knows of Mesos; or why nobody says. */
export async function askMesos(dataDir: string): Promise<MesosReport | Refused> {
  const nobody: Refused = {
    refused: `No platform runs on ${dataDir}.`,
    mend: 'Start one, or name the directory of the one that runs: --data-dir DIRECTORY',
  };
  try {
    return (await askOn(reachable(join(dataDir, 'admin.sock')))) ?? nobody;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return nobody;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    return {
      refused: `${dataDir} belongs to another user.`,
      mend: 'Run this as the user that runs the platform, or name the right directory with --data-dir.',
    };
  }
}
