import { json } from '../http/answer.ts';
import type { OpenRoute } from '../http/route.ts';
import { admit } from './admit.ts';
import type { ClusterReport } from './cluster-report.ts';

/** Path of the report on an admin listener: a platform's, or that of any instance of a clustered framework. */
export const CLUSTER_PATH = '/cluster';

export interface ClusterRouteDeps {
  readonly report: () => ClusterReport;
  /** As the administration's: absent where only the owner can connect. */
  readonly token: string | undefined;
}

/** `GET /cluster`: who leads, since when, and what is in the way. */
export function clusterRoute({ report, token }: ClusterRouteDeps): OpenRoute {
  return {
    method: 'GET',
    path: CLUSTER_PATH,
    access: 'trusted',
    handle: async (call) => {
      admit(call, token);
      return json(200, report());
    },
  };
}
