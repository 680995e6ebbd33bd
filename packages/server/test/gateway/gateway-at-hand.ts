import type { JsonObject } from '@vibrissa/protocol';
import { anIdentity, ManualClock, SeededIds } from '@vibrissa/testkit';
import { silentLogger } from '../../src/base/logger.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import { apiManagement } from '../../src/gateway/manage-apis.ts';
import { openGateway, type PlatformGateway } from '../../src/gateway/platform-gateway.ts';
import type { RawCall } from '../../src/http/route.ts';
import { MemoryArtifactStore } from '../../src/store/memory/memory-artifact-store.ts';

/** A gateway in this process; its web actions answer with the address at which they were called. */
export interface GatewayAtHand {
  readonly parts: PlatformGateway;
  manage(action: 'createApi' | 'getApi' | 'deleteApi', params: JsonObject): Promise<JsonObject>;
  /** The status, and the address of the web action that has answered. */
  ask(method: string, url: string, headers?: { [name: string]: string }): Promise<[number, string]>;
}

export function gatewayAtHand(): GatewayAtHand {
  const clock = new ManualClock();
  const parts = openGateway({
    artifacts: new MemoryArtifactStore(),
    clock,
    ids: new SeededIds(),
    logger: silentLogger,
    publicUrl: () => 'http://here',
  });
  const webAction = (call: RawCall) => ({ status: 200, contentType: 'text/plain', body: call.url });
  const gateway = new Gateway({ ...parts, webAction });
  const actions = apiManagement(parts);
  const context = {
    transactionId: 'transaction',
    startedAt: 0,
    clock,
    logger: silentLogger,
    signal: new AbortController().signal,
  };
  return {
    parts,
    manage: async (name, params) => {
      const action = actions.find((one) => one.name.endsWith(`/${name}`));
      return (await action?.run({ identity: anIdentity(), params })) ?? {};
    },
    ask: async (method, url, headers = {}) => {
      const call = {
        context,
        params: {},
        query: {},
        headers,
        method,
        url,
        body: undefined,
        readJson: () => undefined,
      };
      try {
        const { body, status } = await gateway.serve(call);
        return [status, status === 200 ? body.toString() : ''];
      } catch (error) {
        const { status } = error as { status?: number };
        if (status === undefined) throw error;
        return [status, ''];
      }
    },
  };
}
