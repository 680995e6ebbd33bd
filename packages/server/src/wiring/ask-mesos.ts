import { Value } from 'typebox/value';

import type { AdminReply } from '../administration/ask-admin.ts';
import { MESOS_PATH } from '../administration/mesos-route.ts';
import { mesosReportSchema, type MesosReport } from '../administration/mesos-report.ts';
import { sentence } from '../containers/mesos/error-words.ts';
import type { Refused } from './administer-data-directory.ts';
import { askDataDirectory } from './ask-data-directory.ts';

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

/** What the platform that runs on a data directory knows of Mesos; or why nobody says. */
export async function askMesos(dataDir: string): Promise<MesosReport | Refused> {
  const reply = await askDataDirectory(dataDir, MESOS_PATH);
  return 'refused' in reply ? reply : read(reply);
}
