/**
 * Actions that tell that their code runs, and that go on when they are told to: by packages of their user, which they make
 * and look for with the API. Nothing else passes a sandbox's walls, and no sleep says for certain that code has begun.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { apiSocketPathOf } from '../../src/wiring/api-socket-path.ts';
import { ask, type guestOf, type PlatformProcess } from './platform-process.ts';

/** What an action needs besides its code. */
export const witness = { annotations: [{ key: 'provide-api-key', value: true }] };

/** Put before an action's code: `tell(mark)`, `hear(mark)` and `pause(ms)`. */
export const witnessCode = `
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ask = async (method, mark, body) => {
  const { __OW_API_HOST: host, __OW_API_KEY: key } = process.env;
  const headers = { authorization: 'Basic ' + btoa(key), 'content-type': 'application/json' };
  const reply = await fetch(host + '/api/v1/namespaces/_/packages/' + mark, { method, headers, body });
  if (reply.status !== 200 && reply.status !== 404) throw new Error(await reply.text());
  return reply.status;
};
const tell = (mark) => ask('PUT', mark, '{}');
const hear = async (mark) => {
  while ((await ask('GET', mark)) !== 200) await pause(20);
};
`;

const packages = '/api/v1/namespaces/_/packages';

/** Waits until actions have told each of these. No action of the user has such a name. */
export async function untilTold(
  { call }: Pick<ReturnType<typeof guestOf>, 'call'>,
  ...marks: string[]
): Promise<void> {
  for (const mark of marks) {
    for (;;) {
      const { status, text } = await call(`GET ${packages}/${mark}`);
      if (status === 200) break;
      if (status !== 404) throw new Error(`${status}: ${text}`);
      await sleep(20);
    }
  }
}

/** Tells it to the actions of the guest, as another sandbox would: that goes also while the platform stops. */
export async function tellActions(platform: PlatformProcess, mark: string): Promise<void> {
  const target = { socketPath: apiSocketPathOf(platform.dataDir), key: platform.key };
  const { status, text } = await ask(target, `PUT ${packages}/${mark}`, {});
  if (status !== 200) throw new Error(`${status}: ${text}`);
}
