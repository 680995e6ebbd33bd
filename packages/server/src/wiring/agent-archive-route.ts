import type { Answer } from '../http/answer.ts';
import type { OpenRoute } from '../http/route.ts';

/** The launcher and the runtimes, for Mesos agents. */
export interface AgentArchive {
  /** Names the content, so that an agent's cache never gives out another version. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** `GET` for the fetcher, `HEAD` for its cache, which first asks for the size. There is nothing secret in it. */
export function agentArchiveRoutes({ path, bytes }: AgentArchive): readonly OpenRoute[] {
  const handle = (): Answer => ({ status: 200, body: bytes, contentType: 'application/gzip' });
  return (['GET', 'HEAD'] as const).map((method) => ({ method, path, access: 'public', handle }));
}
