import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { nextTurn } from './await-logs.ts';

/** A lost packet is sent again after one second. */
const PATIENCE_MS = 2000;

/**
 * Does anybody take connections there? The kernel of a machine does so for whoever listens, however busy or stopped that
 * one is: only where the listener or its machine is gone, or cut off, nobody does. Never rejects.
 */
export function reachesHost(
  { host, port }: { readonly host: string; readonly port: number },
  clock: Clock,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    // After a turn that took long, a connection that was made meanwhile is told of only after the timers.
    const late = clock.after(PATIENCE_MS, () => void nextTurn().then(() => socket.destroy()));
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      late.cancel();
      resolve(false);
    });
  });
}
