import { connect } from 'node:net';
import { join } from 'node:path';

import { reachable, type ReachablePath } from './socket-path.ts';

/** Whether a platform lives on the data directory: its administration socket can be connected to. */
export async function isRunning(dataDir: string): Promise<boolean> {
  let reach: ReachablePath;
  try {
    reach = reachable(join(dataDir, 'admin.sock'));
  } catch {
    return false;
  }
  return new Promise<boolean>((resolve) => {
    const socket = connect(reach.path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  }).finally(() => reach.close());
}
