import type { JsonObject } from '@vibrissa/protocol';
import type { BuiltInAction } from '../controller/invocation/built-in-action.ts';
import { readFeedCall, type FeedCall, type FeedCallDeps, type LifecycleEvent } from './feed-call.ts';
import { FeedError } from './feed-error.ts';

/** What a feed does at each event of a trigger's life. What it throws as FeedError becomes the result's `error`. */
export type FeedHandlers = {
  readonly [E in LifecycleEvent]: (call: FeedCall) => Promise<JsonObject>;
};

/** A feed as an action of the platform's own. */
export function feedAction(name: string, deps: FeedCallDeps, handlers: FeedHandlers): BuiltInAction {
  return {
    name,
    run: async ({ params }) => {
      try {
        const call = await readFeedCall(deps, params);
        return await handlers[call.event](call);
      } catch (error) {
        if (error instanceof FeedError) return { error: error.message };
        throw error;
      }
    },
  };
}
