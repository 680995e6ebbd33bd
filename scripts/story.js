// What demonstrations and the stories in examples/ have in common: how they wait, check, and start what ends with them.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Only to say what never comes: a machine that has much else to do takes its time. */
const WAIT_LIMIT_MS = 120_000;

/** Where the machine has the means, what is started behind these words ends with this program, even when that is killed. */
export const tie =
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0
    ? ['setpriv', '--pdeathsig', 'KILL']
    : [];

export function check(condition, complaint) {
  if (!condition) throw new Error(complaint);
}

/** Asks until the answer is there; what is waited for is said when it never comes. */
export async function eventually(what, ask, limitMs = WAIT_LIMIT_MS) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    check(Date.now() < deadline, `${what}: not within ${limitMs / 1000} s`);
    await sleep(50);
  }
}

/** Whoever runs this may have settings of their own: they are not the story's. */
export function cleanEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:VIBRISSA_|CONFIG_|LIMITS_|WSK_|__OW_|npm_lifecycle_event$)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}
