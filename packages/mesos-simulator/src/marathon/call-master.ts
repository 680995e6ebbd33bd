import type { FrameworkCall, SessionCall } from '@vibrissa/mesos/wire';

import type { MarathonState } from './marathon-state.ts';

/** A call of the current subscription; without one it is left out, and made up for after the next. */
export function callMaster(state: MarathonState, call: SessionCall): void {
  const { frameworkId, phase } = state.session;
  if (phase !== 'subscribed' || frameworkId === undefined) return;
  state.effects.push({
    type: 'call',
    call: { ...call, framework_id: { value: frameworkId } } as FrameworkCall,
  });
}
