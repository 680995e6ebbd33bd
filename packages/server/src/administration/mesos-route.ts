import { json } from '../http/answer.ts';
import { RequestError } from '../http/request-error.ts';
import type { OpenRoute } from '../http/route.ts';
import { admit } from './admit.ts';
import type { MesosReport } from './mesos-report.ts';

/** Path of the report on the admin listener. */
export const MESOS_PATH = '/mesos';

/** What is said where there is nothing to report. */
export const NOT_ON_MESOS =
  'The containers of this platform are no Mesos tasks. It runs on Mesos when it is started with --containers mesos.';

export interface MesosRouteDeps {
  /** Absent: the platform doesn't run on Mesos. */
  readonly report: (() => Promise<MesosReport>) | undefined;
  /** As the administration's: absent where only the owner can connect. */
  readonly token: string | undefined;
}

/** `GET /mesos`: the framework, its agents and tasks, and what waits for resources; 404 where there is no Mesos. */
export function mesosRoute({ report, token }: MesosRouteDeps): OpenRoute {
  return {
    method: 'GET',
    path: MESOS_PATH,
    access: 'trusted',
    handle: async (call) => {
      admit(call, token);
      if (report === undefined) throw new RequestError(404, NOT_ON_MESOS);
      return json(200, await report());
    },
  };
}
